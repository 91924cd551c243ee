#include "probes/http_server.h"

#include "probes/banner.h"
#include "probes/product.h"

static const struct banner_product servers[] = {
    {"nginx", "nginx"},
    {"openresty", "OpenResty"},
    {"Tengine", "Tengine"},
    {"Microsoft-IIS", "Microsoft IIS"},
    {"Microsoft-HTTPAPI", "Microsoft HTTPAPI"},
    {"Oracle-HTTP-Server", "Oracle HTTP Server"},
    {"IBM_HTTP_Server", "IBM HTTP Server"},
    {"CouchDB", "Apache CouchDB"},
    {"Apache Tomcat", "Apache Tomcat"},
    {"Apache", "Apache httpd"},
    {"lighttpd", "lighttpd"},
    {"WebLogic Server", "Oracle WebLogic"},
    {"WebLogic", "Oracle WebLogic"},
    {"WebSphere Application Server", "IBM WebSphere"},
    {"WildFly", "WildFly"},
    {"JBoss-EAP", "JBoss EAP"},
    {"GlassFish Server Open Source Edition", "GlassFish"},
    {"TongWeb Server", "TongWeb"},
    {"Caddy", "Caddy"},
    {"LiteSpeed", "LiteSpeed"},
    {"HAProxy", "HAProxy"},
    {"Varnish", "Varnish"},
    {"squid", "Squid"},
    {"tinyproxy", "tinyproxy"},
    {"Docker", "Docker"},
    {"CUPS", "CUPS"},
    {"Hikvision-Webs", "Hikvision"},
    {"DNVRS-Webs", "Hikvision"},
    {"App-webs", "Hikvision"},
    {"HP-iLO-Server", "HPE iLO"},
    {"MiniServ", "Webmin"},
    {0},
};

static const struct banner_product embedded_servers[] = {
    {"Mongoose", "Mongoose"},
    {"CivetWeb", "CivetWeb"},
    {"Jetty", "Jetty"},
    {"Undertow", "Undertow"},
    {"Kestrel", "Kestrel"},
    {"gunicorn", "gunicorn"},
    {"Werkzeug", "Werkzeug"},
    {"uvicorn", "uvicorn"},
    {"TornadoServer", "Tornado"},
    {"SimpleHTTP", "Python http.server"},
    {"GoAhead-Webs", "GoAhead"},
    {"GoAhead-http", "GoAhead"},
    {"Boa", "Boa"},
    {"thttpd", "thttpd"},
    {"mini_httpd", "mini_httpd"},
    {"RomPager", "RomPager"},
    {"Embedthis-Appweb", "Appweb"},
    {0},
};

bool http_server_observe(struct observation *observation, struct span server)
{
    /* Tomcat's connector; the number behind it has been 1.1 for ever. */
    bool coyote = span_starts(server, "Apache-Coyote/");
    if (coyote)
        product_observe(observation, "Apache Tomcat", (struct span){0});
    return coyote || banner_observe(observation, servers, server);
}

bool http_server_observe_embedded(struct observation *observation, struct span server)
{
    return banner_observe(observation, embedded_servers, server);
}
