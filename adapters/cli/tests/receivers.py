"""A mail server and a receiver of webhooks, made by other people, for the story's test.

Prints the two ports as one line of JSON, then writes one line of JSON to the file named for each thing that came.
A webhook counts only if the library `standardwebhooks` verifies it; what comes twice under one id is told apart.
"""
import email
import email.policy
import json
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

from aiosmtpd.controller import Controller
from standardwebhooks import Webhook

OUT, SECRET = sys.argv[1], sys.argv[2]
LOCK = Lock()


def keep(what):
    with LOCK, open(OUT, "a", encoding="utf-8") as out:
        out.write(json.dumps(what, ensure_ascii=False) + "\n")


class Mails:
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        keep({
            "by": "mail", "id": mail["Message-ID"], "to": envelope.rcpt_tos[0],
            "subject": mail["Subject"], "body": mail.get_content(),
        })
        return "250 kept"


class Hooks(BaseHTTPRequestHandler):
    first = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if Hooks.first:  # the first delivery is turned away, so that a second one must come
            Hooks.first = False
            self.send_response(503)
            self.end_headers()
            return
        try:
            event = Webhook(SECRET).verify(body.decode(), dict(self.headers.items()))
        except Exception as error:
            keep({"by": "hook", "refused": str(error)})
            self.send_response(400)
            self.end_headers()
            return
        keep({"by": "hook", "id": self.headers["webhook-id"], "kind": self.headers["content-type"], "event": event})
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def main():
    with socket.socket() as free:  # the mail server takes no port 0
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mails = Controller(Mails(), hostname="127.0.0.1", port=port)
    mails.start()
    hooks = ThreadingHTTPServer(("127.0.0.1", 0), Hooks)
    Thread(target=hooks.serve_forever, daemon=True).start()
    print(json.dumps({"smtp": port, "hook": hooks.server_address[1]}), flush=True)
    sys.stdin.read()  # until the test goes away


main()
