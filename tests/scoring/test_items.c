#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/finding.h"
#include "scoring/report/records.h"

/* What the built-in catalogue says of one endpoint: which items are found, and which are left open. Written
   by hand from what each answer proves (probes.md §2). */
struct endpoint {
    const char *about;
    const char *service;
    unsigned port;
    bool tls;
    const char *product, *version;
    const char *facts;        /* members of a JSON object */
    const char *undetermined; /* names, comma-separated */
    const char *found;        /* in the order of the catalogue */
    const char *open;         /* asked and not determined */
};

#define GOOD_PAGE                                                                                            \
    "\"x509.self_signed\":false,\"x509.not_after\":\"2027-11-22T00:00:00Z\","                                \
    "\"x509.not_before\":\"2025-11-23T00:00:00Z\",\"x509.weak_key\":false,\"x509.weak_signature\":false,"    \
    "\"tls.version\":\"TLSv1.3\",\"tls.weak_cipher\":false,\"tls.legacy_accepted\":false,\"http.status\":"   \
    "200,"                                                                                                   \
    "\"http.server\":\"x\",\"http.redirects_to_https\":false,\"http.cookie_insecure\":false,"                \
    "\"http.version_disclosed\":false,\"http.headers_missing\":false,\"http.directory_listing\":false,"      \
    "\"http.admin_console\":false,\"http.open_medical\":false"

static const struct endpoint endpoints[] = {
    {"NetBIOS session service", "smb", 139, false, "", "",
     "\"smb.signing_required\":true,\"smb.v1_accepted\":false,"
     "\"smb.share_level\":false,\"smb.plaintext_passwords\":false",
     "", "H01-1", ""},
    {"Samba of old", "smb", 445, false, "", "",
     "\"smb.signing_required\":false,\"smb.v1_accepted\":true,"
     "\"smb.share_level\":true,\"smb.plaintext_passwords\":true",
     "", "H02-1 H02-2 H02-4 H02-5", ""},
    {"SMB whose v1 answer never came", "smb", 445, false, "", "", "\"smb.signing_required\":true",
     "smb.v1_accepted,smb.share_level,smb.plaintext_passwords", "H02-1", "H02-2 H02-5"},
    {"135 and nothing said", "unknown", 135, false, "", "", "", "", "H01-5", ""},
    {"another silent port", "unknown", 4444, false, "", "", "", "", "", ""},
    {"FTP without TLS", "ftp", 21, false, "", "", "\"ftp.auth_tls\":false", "", "H01-4", ""},
    {"FTP with AUTH TLS", "ftp", 21, false, "", "", "\"ftp.auth_tls\":true", "", "", ""},
    {"FTP that did not answer AUTH", "ftp", 21, false, "", "", "", "ftp.auth_tls", "", "H01-4"},
    {"LDAP at the edge", "ldap", 389, false, "", "", "\"ldap.root_dse\":true,\"ldap.starttls\":false", "",
     "H01-6 H01-7", ""},
    {"LDAP inside TLS", "ldap", 636, true, "", "", "\"ldap.root_dse\":true", "ldap.starttls", "H01-6", ""},
    {"RDP with NLA", "rdp", 3389, false, "", "",
     "\"rdp.nla_required\":true,\"rdp.old_security_accepted\":false", "", "H03-1", "A04-2"},
    {"RDP with TLS only", "rdp", 3389, false, "", "",
     "\"rdp.nla_required\":false,"
     "\"rdp.old_security_accepted\":false,\"x509.self_signed\":true,\"x509.not_after\":\"2027-01-01T00:00:"
     "00Z\","
     "\"x509.not_before\":\"2026-01-01T00:00:00Z\",\"x509.weak_key\":false,\"x509.weak_signature\":false,"
     "\"tls.version\":\"TLSv1.2\",\"tls.weak_cipher\":false,\"tls.legacy_accepted\":false",
     "", "H03-1 H03-6", ""},
    {"RDP of 2003", "rdp", 3390, false, "", "",
     "\"rdp.nla_required\":false,\"rdp.old_security_accepted\":true", "", "H03-1 H03-6 H03-7", "A04-2"},
    {"SSH, well kept", "ssh", 22, false, "OpenSSH", "9.2p1",
     "\"ssh.v1_accepted\":false,\"ssh.weak_kex\":false,"
     "\"ssh.weak_ciphers\":false,\"ssh.weak_macs\":false",
     "", "H03-2", "H09-2"},
    {"SSH with CBC", "ssh", 2222, false, "", "",
     "\"ssh.v1_accepted\":true,\"ssh.weak_kex\":false,"
     "\"ssh.weak_ciphers\":true,\"ssh.weak_macs\":false",
     "", "H03-2 H03-10 H03-11", ""},
    {"SSH 1 alone", "ssh", 22, false, "", "", "\"ssh.v1_accepted\":true",
     "ssh.weak_kex,ssh.weak_ciphers,ssh.weak_macs", "H03-2 H03-10", "H03-11"},
    {"Telnet", "telnet", 23, false, "", "", "\"telnet.login_prompt\":true", "", "H03-3", ""},
    {"VNC without a password", "vnc", 5900, false, "", "", "\"vnc.no_password\":true,\"vnc.encrypted\":false",
     "", "H03-4 H03-8 H03-9", ""},
    {"WinRM", "http", 5985, false, "", "",
     "\"http.server\":\"Microsoft-HTTPAPI/2.0\",\"http.status\":404,"
     "\"http.redirects_to_https\":false,\"http.cleartext_login\":false,\"http.version_disclosed\":true,"
     "\"http.headers_missing\":true,\"http.cookie_insecure\":false,\"http.directory_listing\":false,"
     "\"http.admin_console\":false,\"http.open_medical\":false",
     "", "H03-5", ""},
    {"MySQL without TLS", "mysql", 3306, false, "MySQL", "5.7.44", "\"mysql.tls_offered\":false", "",
     "H04-1 H09-2 H04-7", ""},
    {"MySQL that refuses us", "mysql", 3306, false, "", "", "\"mysql.host_refused\":true", "", "H04-6",
     "H04-7"},
    {"MySQL that is full", "mysql", 3306, false, "", "", "\"mysql.host_refused\":false", "", "H04-1",
     "H04-7"},
    {"SQL Server without encryption", "mssql", 1433, false, "", "",
     "\"mssql.tls_offered\":false,"
     "\"mssql.encryption_required\":false",
     "", "H04-2 H04-7", ""},
    {"SQL Server, login encrypted", "mssql", 1433, false, "", "",
     "\"mssql.tls_offered\":true,"
     "\"mssql.encryption_required\":false",
     "", "H04-2 H04-8", ""},
    {"SQL Server, encryption forced", "mssql", 1433, false, "", "",
     "\"mssql.tls_offered\":true,"
     "\"mssql.encryption_required\":true",
     "", "H04-2", ""},
    {"Oracle", "oracle", 1521, false, "Oracle Database", "11.2.0.4.0", "", "", "H04-3 H09-2", ""},
    {"PostgreSQL", "postgresql", 5432, false, "", "", "\"postgresql.tls_offered\":true", "", "H04-4", ""},
    {"Kingbase's port", "postgresql", 54321, false, "", "", "\"postgresql.tls_offered\":false", "",
     "H04-5 H04-7", ""},
    {"Redis with a password", "redis", 6379, false, "", "", "\"redis.open\":false", "", "H05-1", ""},
    {"Redis for all", "redis", 6379, false, "", "", "\"redis.open\":true", "", "H05-1 H06-1", ""},
    {"MongoDB", "mongodb", 27017, false, "", "", "\"mongodb.answers\":true", "mongodb.auth_required", "H05-2",
     "H06-1"},
    {"Elasticsearch for all", "elasticsearch", 9200, false, "", "", "\"elasticsearch.open\":true", "",
     "H05-3 H06-1", ""},
    {"Memcached for all", "memcached", 11211, false, "", "", "\"memcached.open\":true", "", "H05-4 H06-1",
     ""},
    {"SMTP without STARTTLS", "smtp", 25, false, "", "",
     "\"smtp.starttls\":false,\"smtp.auth_before_tls\":true,"
     "\"smtp.vrfy\":true,\"smtp.expn\":false",
     "", "H07-1 H07-2 H07-3", ""},
    {"SMTP with STARTTLS", "smtp", 25, false, "", "",
     "\"smtp.starttls\":true,\"smtp.starttls_works\":true,"
     "\"smtp.auth_before_tls\":false,\"smtp.vrfy\":false,\"smtp.expn\":false",
     "", "", ""},
    {"SMTP that refuses us", "smtp", 25, false, "", "", "\"smtp.refuses_us\":true",
     "smtp.starttls,smtp.starttls_works,smtp.auth_before_tls,smtp.vrfy,smtp.expn", "", "H07-1 H07-2 H07-3"},
    {"SMTP inside TLS", "smtp", 465, true, "", "",
     "\"smtp.starttls\":false,\"smtp.auth_before_tls\":false,"
     "\"smtp.vrfy\":false,\"smtp.expn\":false",
     "", "", ""},
    {"POP3 in clear", "pop3", 110, false, "", "", "\"pop3.stls\":false,\"pop3.login_before_tls\":true", "",
     "H07-1 H07-2", ""},
    {"IMAP, logged in from the start", "imap", 143, false, "", "",
     "\"imap.starttls\":true,"
     "\"imap.starttls_works\":false,\"imap.login_before_tls\":false,\"imap.preauth\":true",
     "", "H07-1 H07-4", ""},
    {"DICOM for any title", "dicom", 104, false, "", "", "\"dicom.any_called_title\":true", "",
     "H14-1 H14-2 H14-5", ""},
    {"DICOM that knows its titles", "dicom", 11112, false, "", "", "\"dicom.any_called_title\":false", "",
     "H14-1 H14-5", ""},
    {"DICOM inside TLS", "dicom", 2762, true, "", "", "\"dicom.any_called_title\":true", "", "H14-1 H14-2",
     ""},
    {"MLLP", "hl7", 2575, false, "", "", "\"hl7.silent\":true", "hl7.tls", "H14-3", "H14-6"},
    {"MLLP that refuses TLS", "hl7", 2575, false, "", "", "\"hl7.silent\":true,\"hl7.tls\":false", "",
     "H14-3", ""},
    {"MLLP inside TLS", "hl7", 2575, false, "", "", "\"hl7.silent\":true,\"hl7.tls\":true", "", "H14-6", ""},
    {"printer", "printer", 9100, false, "", "", "\"printer.open\":true", "", "H14-4", ""},
    {"a site that sends its visitors to HTTPS", "http", 80, false, "", "",
     "\"http.status\":301,"
     "\"http.server\":\"nginx\",\"http.redirects_to_https\":true,\"http.cookie_insecure\":false,"
     "\"http.version_disclosed\":false",
     "http.headers_missing,http.cleartext_login,http.directory_listing,"
     "http.admin_console,http.open_medical",
     "", "A03-1 A03-2 A05-1 B2-1"},
    {"a PACS without a login, in clear", "http", 8042, false, "", "",
     "\"http.status\":200,"
     "\"http.server\":\"Mongoose\",\"http.redirects_to_https\":false,\"http.cleartext_login\":false,"
     "\"http.directory_listing\":false,\"http.admin_console\":false,\"http.version_disclosed\":false,"
     "\"http.headers_missing\":true,\"http.cookie_insecure\":false,\"http.open_medical\":true",
     "", "A04-1 A05-1 B2-1", ""},
    {"an old IIS with everything", "http", 80, false, "Microsoft IIS", "7.5",
     "\"http.status\":200,"
     "\"http.server\":\"Microsoft-IIS/7.5\",\"http.redirects_to_https\":false,\"http.cleartext_login\":true,"
     "\"http.directory_listing\":true,\"http.admin_console\":true,\"http.version_disclosed\":true,"
     "\"http.headers_missing\":true,\"http.cookie_insecure\":true,\"http.open_medical\":false",
     "", "A03-1 A03-2 A03-3 A04-1 A05-1 H09-3", "H09-2"},
    {"an expired certificate with a weak key on TLS 1.0", "http", 443, true, "", "",
     "\"http.status\":401,"
     "\"http.redirects_to_https\":false,\"http.cookie_insecure\":false,\"http.version_disclosed\":false,"
     "\"http.cleartext_login\":false,\"http.directory_listing\":false,\"http.admin_console\":false,"
     "\"http.open_medical\":false,\"x509.self_signed\":false,\"x509.not_after\":\"2026-11-22T11:59:59Z\","
     "\"x509.not_before\":\"2025-01-01T00:00:00Z\",\"x509.weak_key\":true,\"x509.weak_signature\":true,"
     "\"tls.version\":\"TLSv1\",\"tls.weak_cipher\":false",
     "http.headers_missing,tls.legacy_accepted", "A04-2 A04-3 A04-4", "A05-1 H09-3"},
    {"a certificate of tomorrow", "http", 443, true, "", "",
     "\"x509.self_signed\":false,"
     "\"x509.not_after\":\"2027-11-22T00:00:00Z\",\"x509.not_before\":\"2026-11-23T00:00:00Z\","
     "\"x509.weak_key\":false,\"x509.weak_signature\":true,\"tls.version\":\"TLSv1.3\",\"tls.weak_cipher\":"
     "false,"
     "\"tls.legacy_accepted\":false,\"http.status\":200,\"http.server\":\"x\",\"http.redirects_to_https\":"
     "false,"
     "\"http.cookie_insecure\":false,\"http.version_disclosed\":false,\"http.headers_missing\":false,"
     "\"http.directory_listing\":false,\"http.admin_console\":false,\"http.open_medical\":false",
     "", "A04-2 A04-4", ""},
    {"a certificate for another name", "http", 443, true, "", "", GOOD_PAGE ",\"http.name_mismatch\":true",
     "", "A04-2", ""},
    {"mail by another name", "imap", 993, true, "", "",
     "\"x509.self_signed\":false,\"x509.not_after\":\"2027-11-22T00:00:00Z\","
     "\"x509.not_before\":\"2025-11-23T00:00:00Z\",\"x509.weak_key\":false,\"x509.weak_signature\":false,"
     "\"tls.version\":\"TLSv1.3\",\"tls.weak_cipher\":false,\"tls.legacy_accepted\":false,"
     "\"x509.name_mismatch\":true",
     "", "", "H07-4"},
    {"a certificate for the name", "http", 443, true, "", "", GOOD_PAGE ",\"http.name_mismatch\":false", "",
     "", ""},
    {"a certificate where no name is known", "http", 443, true, "", "", GOOD_PAGE, "", "", ""},
};

#define ENDPOINTS (sizeof endpoints / sizeof endpoints[0])

static cJSON *record_of(const struct endpoint *endpoint)
{
    char text[4096], names[512];
    snprintf(
        text, sizeof text,
        "{\"type\":\"observation\",\"ip\":\"192.0.2.1\",\"port\":%u,\"transport\":\"tcp\",\"state\":\"open\","
        "\"service\":\"%s\",\"tls\":%s,\"product\":\"%s\",\"version\":\"%s\",\"facts\":{%s},"
        "\"undetermined\":{},\"time\":\"2026-11-22T12:00:00Z\"}",
        endpoint->port, endpoint->service, endpoint->tls ? "true" : "false", endpoint->product,
        endpoint->version, endpoint->facts);
    cJSON *record = cJSON_Parse(text);
    if (!record)
        fail_msg("%s: no JSON: %s", endpoint->about, text);
    snprintf(names, sizeof names, "%s", endpoint->undetermined);
    cJSON *undetermined = cJSON_GetObjectItemCaseSensitive(record, "undetermined");
    char *rest = names;
    for (char *name; names[0] && (name = strsep(&rest, ","));)
        cJSON_AddStringToObject(undetermined, name, "why");
    return record;
}

static void read_endpoint(const struct endpoint *endpoint, struct observation *observation)
{
    struct complaints complaints;
    char *organization = NULL;
    cJSON *record = record_of(endpoint);
    complaints_init(&complaints, endpoint->about);
    if (record_read_observation(record, 1, &complaints, &organization, observation) != STATUS_OK)
        fail_msg("%s", complaints_format(&complaints));
    complaints_deinit(&complaints);
    cJSON_Delete(record);
}

static void join(char *text, size_t size, const char *word)
{
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%s", used ? " " : "", word);
}

static void load(struct catalogue *catalogue)
{
    struct complaints complaints;
    complaints_init(&complaints, "");
    assert_int_equal(catalogue_load(catalogue, NULL, 0, &complaints), STATUS_OK);
    complaints_deinit(&complaints);
}

static void check(const struct catalogue *catalogue, const struct endpoint *endpoint, bool *seen)
{
    char found[256] = "", open[256] = "";
    struct observation observation;
    struct judgement judgement;
    read_endpoint(endpoint, &observation);
    assert_int_equal(judgement_make(catalogue, &observation, &judgement), STATUS_OK);
    for (size_t i = 0; i < judgement.count; i++) {
        join(found, sizeof found, judgement.findings[i].item);
        seen[catalogue_item(catalogue, judgement.findings[i].item)] = true;
    }
    for (size_t i = 0; i < judgement.items; i++)
        if (judgement.asked[i] && judgement.undetermined[i])
            join(open, sizeof open, catalogue->items[i].id);
    if (strcmp(found, endpoint->found) != 0 || strcmp(open, endpoint->open) != 0)
        fail_msg("%s:\n  found [%s], expected [%s]\n  open  [%s], expected [%s]", endpoint->about, found,
                 endpoint->found, open, endpoint->open);
    judgement_deinit(&judgement);
    observation_deinit(&observation);
}

/* And every condition of the catalogue holds somewhere here. */
static void test_endpoints(void **state)
{
    (void)state;
    struct catalogue catalogue;
    load(&catalogue);
    bool *seen = calloc(catalogue.items_count, sizeof *seen);
    assert_non_null(seen);
    for (size_t i = 0; i < ENDPOINTS; i++)
        check(&catalogue, &endpoints[i], seen);
    for (size_t i = 0; i < catalogue.items_count; i++)
        if (catalogue.items[i].when && !seen[i])
            fail_msg("%s is found nowhere here", catalogue.items[i].id);
    free(seen);
    catalogue_deinit(&catalogue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_endpoints)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
