#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/hearing.h"
#include "scanner/clock.h"
#include "scanner/commands/command.h"
#include "scanner/commands/present.h"
#include "scoring/report/records.h"

static const char help[] = "Usage: auscult identify PROTOCOL < BYTES\n"
                           "Reads what a server of that protocol said first (a greeting, or the answer to "
                           "our first message) and prints the\n"
                           "observation as one JSON record. Sends nothing. Protocols are the services that "
                           "`auscult facts` lists.\n\n"
                           "Exit: 0 the bytes are of that protocol, 1 they are not, 2 wrong usage.\n";

static size_t read_input(uint8_t *bytes, size_t capacity)
{
    size_t size = 0;
    for (size_t got; size < capacity && (got = fread(bytes + size, 1, capacity - size, stdin)) > 0;)
        size += got;
    return size;
}

static int identify(const struct probe *probe)
{
    uint8_t *bytes = malloc(PROBE_IN_MAX);
    struct observation *observation = malloc(sizeof *observation);
    if (!bytes || !observation)
        return present_status(STATUS_NO_MEMORY, "identify", NULL);
    size_t size = read_input(bytes, PROBE_IN_MAX);
    observation_init(observation, (struct address){0}, (struct port){probe->ports[0], TRANSPORT_TCP});
    bool known = hearing_read(probe, (struct span){bytes, size}, observation);
    if (!known)
        observation_clear(observation);
    observation->service = known ? probe->name : "unknown";
    observation->evidence_size = size < OBSERVATION_EVIDENCE_MAX ? size : OBSERVATION_EVIDENCE_MAX;
    memcpy(observation->evidence, bytes, observation->evidence_size);
    observation->time_ms = clock_epoch_ms();
    enum status status = record_write(record_observation(NULL, observation), stdout);
    observation_deinit(observation);
    free(observation);
    free(bytes);
    return status != STATUS_OK ? present_status(status, "identify", NULL) : known ? EXIT_DONE : EXIT_FAILED;
}

static int run(int argc, char **argv)
{
    if (argc == 2 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)) {
        fputs(help, stdout);
        return EXIT_DONE;
    }
    const struct probe *probe = argc == 2 ? probe_named(argv[1]) : NULL;
    if (!probe) {
        fprintf(stderr, "auscult identify: want one protocol of:");
        for (size_t i = 0; probes[i]; i++)
            fprintf(stderr, " %s", probes[i]->name);
        fputc('\n', stderr);
        return EXIT_USAGE;
    }
    return identify(probe);
}

const struct command command_identify = {"identify", "PROTOCOL",
                                         "say what a server's bytes on standard input mean",
                                         "识别标准输入中的服务器字节", run};
