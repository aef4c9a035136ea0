"""A site with one of each fault, on a free port of 127.0.0.1. Says "listening on PORT" when up."""

import http.server
import threading

HTML = "text/html; charset=utf-8"

PAGES = {
    "/": """<html><a href="page.html">page</a> <a href='missing.html'>broken</a>
            <a href="/moved">redirect</a> <a href="data.bin">not HTML</a> <IMG SRC=picture.png>
            <a href="hang">hangs</a> <a href="early">closes early</a> <a href="cut">cut</a>
            <a href="nonsense">not HTTP</a> <a href="silent">nothing at all</a>
            <a href="chunked?a=1&amp;b=2#part">chunked</a> <a href="/private/x">off limits</a>
            <a href="http://127.0.0.1:1/elsewhere">another site</a> <a href="mailto:x@y">mail</a>
            <a href="a page.html">with a space</a> <a href="gr\u00fc\u00dfe">not ASCII</a>
            <a href="endless">a line without an end</a> <a href="http://[broken">no address</a></html>""",
    "/page.html": '<a href="/">home</a> <a href="./sub/../page.html#x">itself</a>',
    "/a%20page.html": "no links",
    "/gr%C3%BC%C3%9Fe": "greetings",
    "/target.html": "reached by a redirect",
    "/robots.txt": "User-agent: someone\nDisallow: /page\nUser-agent: *\nDisallow: /private/\n",
}


class Faulty(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path
        if path in PAGES:
            self.answer(200, HTML, PAGES[path].encode())
        elif path == "/moved":
            self.answer(302, HTML, b"", ("Location", "/target.html"))
        elif path == "/data.bin" or path == "/picture.png":
            self.answer(200, "application/octet-stream", b'<a href="/never">' + bytes(100_000))
        elif path == "/hang":
            threading.Event().wait()
        elif path == "/early":  # in the middle of the body
            self.answer(200, HTML, b"too little", ("Content-Length", "1000"))
        elif path == "/cut":  # in the middle of the headers
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-")
        elif path == "/nonsense":
            self.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        elif path == "/endless":
            self.wfile.write(b"x" * 1_000_000)
        elif path == "/silent":
            pass
        elif path == "/chunked?a=1&b=2":
            self.answer(200, HTML, b"", ("Transfer-Encoding", "chunked"))
            for part in (b'<a href="from', b'-chunks">', b"x" * 5000):
                self.wfile.write(b"%x;note=1\r\n%s\r\n" % (len(part), part))
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.answer(404, HTML, b"not here")

    def answer(self, status, kind, body, *headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for header in headers:
            self.send_header(*header)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer.request_queue_size = 50
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Faulty)
print("listening on", server.server_port, flush=True)
server.serve_forever()
