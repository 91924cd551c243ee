#ifndef TESTS_PROBES_TRANSCRIPT_H
#define TESTS_PROBES_TRANSCRIPT_H

/* A transcript is a text file tests/probes/transcripts/<probe>/<name>.txt, a conversation and the facts
   expected of it:

     # where the bytes come from
     port 22             the endpoint's port, 1 without this line
     inside              inside TLS from the start
     server "text with \r \n \x00 \" \\ escapes"
     server hex 4a 00 00 00 0a
     client "…" | client hex … | client any    what the probe has written since the last such line
     tls | no-tls        the TLS handshake that the probe asked for succeeds or fails
     again               the probe asked for another connection, which opens
     end | quiet         the peer closes; the wait for bytes is over
     answer done | not_mine | wait       what the probe said last
     expect product MariaDB
     expect version 10.11.6
     expect mysql.tls_offered false      true, false, a number, or text to the end of the line
     expect undetermined mysql.tls_works
     expect nothing mysql.auth_plugin

   transcripts_replay replays all of a probe's (or of tls_legacy, tls.h): whole, byte by byte (same facts,
   same answer), and cut at every length with the peer closing there, or going silent right before an answer
   on a later connection (no crash, and every fact that is known then is one of the whole's). It fails the
   running test with file and line, also when the folder has no transcript. */
void transcripts_replay(const char *probe);

#endif
