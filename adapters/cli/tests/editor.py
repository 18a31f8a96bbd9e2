"""An editor, as far as its TOML plugin sees it: opens a file over the Language Server Protocol and asks what may be written
at the end of it. Arguments: the plugin's program, the file, what has been typed there. Prints {key: what it says of it}."""

import json
import pathlib
import subprocess
import sys

program, file, typed = sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), sys.argv[3]
server = subprocess.Popen(
    [program, "lsp", "--offline"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
)


def write(message):
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    server.stdin.flush()


def read():
    length = 0
    while line := server.stdout.readline().strip():
        name, value = line.split(b":", 1)
        if name.lower() == b"content-length":
            length = int(value)
    assert length, "the plugin ended"
    message = json.loads(server.stdout.read(length))
    if "id" in message and "method" in message:  # it asks: nothing is set up here
        write({"id": message["id"], "result": None})
    return message


def until(wanted):
    while not wanted(message := read()):
        pass
    return message


folder = file.parent.as_uri()
capabilities = {"textDocument": {"completion": {"completionItem": {"documentationFormat": ["markdown"]}}}}
write({"id": 1, "method": "initialize", "params": {
    "processId": None, "rootUri": folder, "capabilities": capabilities,
    "workspaceFolders": [{"uri": folder, "name": file.parent.name}],
}})
until(lambda message: message.get("id") == 1 and "method" not in message)
write({"method": "initialized", "params": {}})
text = file.read_text(encoding="utf-8") + typed
document = {"uri": file.as_uri(), "languageId": "toml", "version": 1, "text": text}
write({"method": "textDocument/didOpen", "params": {"textDocument": document}})
until(lambda message: message.get("method") == "textDocument/publishDiagnostics")
lines = text.split("\n")
at = {"line": len(lines) - 1, "character": len(lines[-1])}
write({"id": 2, "method": "textDocument/completion", "params": {
    "textDocument": {"uri": file.as_uri()}, "position": at, "context": {"triggerKind": 1},
}})
answer = until(lambda message: message.get("id") == 2 and "method" not in message)["result"]
items = answer if isinstance(answer, list) else (answer or {}).get("items", [])
server.kill()
print(json.dumps({item["label"]: (item.get("documentation") or {}).get("value", "") for item in items}))
