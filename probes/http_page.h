#ifndef PROBES_HTTP_PAGE_H
#define PROBES_HTTP_PAGE_H

#include "probes/cursor.h"

#define HTTP_TITLE_MAX 256

/* What an HTML page shows of what it belongs to, by marks of our own in http_page.c. A mark that is found is
   there; that none is found says something only of a page that was read to its end. */
struct http_page {
    char title[HTTP_TITLE_MAX]; /* safe (text.h), blanks joined; "" without one */
    bool ended;                 /* </html> was seen */
    bool password_form;
    bool login_words;  /* it speaks of logging in, whatever its forms */
    bool script_shell; /* next to no text of its own: scripts make the page, or it leads elsewhere */
    bool directory_listing;
    bool admin_console;
    bool medical_system;
    const char *product; /* static; NULL when it shows none */
    bool product_in_title;
    struct span version; /* lies in `html` or in `title` */
};

void http_page_read(struct span html, struct http_page *page_out);

#endif
