#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probes/http_page.h"

static struct http_page read_text(const char *html)
{
    struct http_page page;
    http_page_read((struct span){(const uint8_t *)html, strlen(html)}, &page);
    return page;
}

static void test_titles(void **state)
{
    (void)state;
    static const struct {
        const char *html, *title;
    } rows[] = {
        {"<html><title>a</title>", "a"},
        {"<TITLE lang=zh>\r\n  a \t b\n</TITLE>", "a b"},
        {"<title>\xd3\xb0\xcf\xf1\xcf\xb5\xcd\xb3</title>", "影像系统"},
        {"<title>a\x1b[0m</title>", "a\\x1b[0m"},
        {"<title>cut", ""},
        {"<title", ""},
        {"<title></title>", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(read_text(rows[i].html).title, rows[i].title);
    char html[2000] = "<title>";
    memset(html + 7, 'x', 1900);
    memcpy(html + 1907, "</title>", 9);
    assert_int_equal(strlen(read_text(html).title), HTTP_TITLE_MAX - 1);
}

static void test_password_forms(void **state)
{
    (void)state;
    static const char *const forms[] = {
        "<input type=\"password\">",
        "<INPUT TYPE='PASSWORD' name=p",
        "<input name=type type = password >",
        "<input\ntype\n=\npassword>",
    };
    static const char *const others[] = {
        "<input type=text> password",
        "<input name=\"password\">",
        "<input typepassword>",
        "type=password",
        "<p type=password>",
        "<input type=\"text\"><a type=password>",
        "",
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        assert_true(read_text(forms[i]).password_form);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(read_text(others[i]).password_form);
}

static void test_listings(void **state)
{
    (void)state;
    assert_true(read_text("<title>Index of /</title><a href=x>").directory_listing);
    assert_true(read_text("<title>Index of /pub</title><A HREF=x>").directory_listing);
    assert_true(
        read_text("<title>192.0.2.1 - /</title><A HREF=/>[To Parent Directory]</A>").directory_listing);
    assert_false(read_text("<title>Index of /</title>").directory_listing);
    assert_false(read_text("<title>Body mass index of /</title><a href=x>").directory_listing);
}

static void test_shells(void **state)
{
    (void)state;
    static const char words[] =
        "<p>Enough words of its own to be a page that somebody would want to read, even twice.</p>";
    char html[1000];
    assert_false(read_text(words).script_shell);
    assert_true(read_text("<div id=app></div><script src=a.js></script>").script_shell);
    strcpy(html, "<script>");
    strcat(strcat(html, words), "</script>");
    assert_true(read_text(html).script_shell);
    strcpy(html, words);
    assert_true(read_text(strcat(html, "<meta HTTP-EQUIV=\"Refresh\" content=\"0;url=a\">")).script_shell);
    strcpy(html, words);
    assert_true(read_text(strcat(html, "<script>window.location='a'</script>")).script_shell);
}

static void test_login_words(void **state)
{
    (void)state;
    assert_true(read_text("<a>LogIn</a>").login_words);
    assert_true(read_text("<a>登录</a>").login_words);
    assert_true(read_text("<a>\xb5\xc7\xc2\xbc</a>").login_words);
    assert_false(read_text("<a>Catalogue</a>").login_words);
}

static void test_marks(void **state)
{
    (void)state;
    static const struct {
        const char *html, *product, *version;
        bool console, medical;
    } rows[] = {
        {"<title>Orthanc Explorer</title>", "Orthanc", "", false, true},
        {"<title>Apache Tomcat/8.5.50 - Error report</title>", "Apache Tomcat", "8.5.50", false, false},
        {"<h3>Apache Tomcat/9.0.70</h3>", "Apache Tomcat", "9.0.70", false, false},
        {"<title>Apache Tomcat/8.5.50</title><a href=\"/manager/html\">", "Apache Tomcat", "8.5.50", true,
         false},
        {"<title>Dashboard [Jenkins]</title>", "Jenkins", "", true, false},
        {"<title>PACS</title>", NULL, "", false, true},
        {"<title>My-PACS 2</title>", NULL, "", false, true},
        {"<title>SPACS and PACSY</title>", NULL, "", false, false},
        {"<title>his page</title>", NULL, "", false, false},
        {"<title>\xd2\xbd\xd4\xba\xd0\xc5\xcf\xa2\xcf\xb5\xcd\xb3</title>", NULL, "", false, true},
        {"<title>Grafana</title> <h3>Apache Tomcat/9.0.70</h3>", "Grafana", "", true, false},
        {"<p>Orthanc Explorer", NULL, "", false, false},
        {"<title>Example Hospital</title>", NULL, "", false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct http_page page;
        http_page_read((struct span){(const uint8_t *)rows[i].html, strlen(rows[i].html)}, &page);
        assert_int_equal(page.admin_console, rows[i].console);
        assert_int_equal(page.medical_system, rows[i].medical);
        assert_true(span_equals(page.version, rows[i].version));
        if (rows[i].product)
            assert_string_equal(page.product, rows[i].product);
        else
            assert_null(page.product);
    }
}

/* Pages that make a careless reader look at everything again and again. */
static void test_hostile_repeats(void **state)
{
    (void)state;
    static const char *const pieces[] = {"<input ", "<", "<script", "type=", "<title>",
                                         "<!--",    "=", " ",       "HIS"};
    size_t size = 32768;
    char *html = malloc(size + 16);
    assert_non_null(html);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        size_t length = strlen(pieces[i]);
        for (size_t at = 0; at < size; at += length)
            memcpy(html + at, pieces[i], length);
        struct http_page page;
        http_page_read((struct span){(const uint8_t *)html, size}, &page);
        assert_false(page.password_form || page.ended);
    }
    free(html);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_titles),          cmocka_unit_test(test_password_forms),
        cmocka_unit_test(test_listings),        cmocka_unit_test(test_shells),
        cmocka_unit_test(test_login_words),     cmocka_unit_test(test_marks),
        cmocka_unit_test(test_hostile_repeats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
