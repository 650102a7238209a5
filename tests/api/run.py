"""Starts the demo city, makes one draft and one case, and lets schemathesis loose on the interface, role by role."""

import datetime
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import time
import uuid
import zlib

import requests

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DOCUMENT = ROOT / "docs/openapi.json"
SCHEMATHESIS = pathlib.Path(sys.executable).with_name("schemathesis")
PASSWORD = "Tongban-Demo-2026"
CHECKS = ",".join([
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
])
# Role, log-in, examples per operation, whether addresses are of real things.
RUNS = [
    ("anybody", None, 12, False),
    ("citizen", "chenxiaoyun", 12, False),
    ("citizen on real things", "chenxiaoyun", 15, True),
    ("clerk on real things", "zhouchuang", 15, True),
    ("reviewer", "dhscjg-reviewer", 8, True),
]


def png():
    """A white picture of one pixel."""
    def piece(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + piece(b"IHDR", head) + piece(b"IDAT", zlib.compress(b"\0\xff")) + piece(b"IEND", b"")


class City:
    def __init__(self, program, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            listen = f"127.0.0.1:{free.getsockname()[1]}"
        self.base = f"http://{listen}"
        self.log = open(folder / "program.log", "w+")
        command = [program, "demo", "--data", str(folder / "data"), "--listen", listen]
        self.child = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        for _ in range(1200):
            if self.child.poll() is not None:
                raise SystemExit(f"{program} ended with {self.child.returncode}:\n{self.tail()}")
            try:
                if requests.get(self.base + "/readyz", timeout=2).ok:
                    return
            except requests.RequestException:
                pass
            time.sleep(0.1)
        raise SystemExit(f"{program} is not ready after 120 s:\n{self.tail()}")

    def tail(self):
        self.log.seek(0)
        return "".join(self.log.readlines()[-30:])

    def stop(self):
        self.child.terminate()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()

    def log_in(self, login):
        answer = requests.post(self.base + "/api/v1/sessions", json={"login": login, "password": PASSWORD}, timeout=20)
        assert answer.status_code == 201, (login, answer.status_code, answer.text)
        return answer.json()["token"]

    def call(self, token, method, path, expected, **more):
        headers = {"authorization": f"Bearer {token}", "idempotency-key": str(uuid.uuid4()), **more.pop("headers", {})}
        answer = requests.request(method, self.base + "/api/v1" + path, headers=headers, timeout=20, **more)
        assert answer.status_code == expected, (method, path, answer.status_code, answer.text)
        return answer

    def draft(self, token, sample):
        wish = {"item_code": sample["item"], "situation": sample["situation"]}
        return self.call(token, "POST", "/drafts", 201, json=wish)

    def things(self):
        """One open draft, one submitted case with its task and its proof: what the addresses of real things name."""
        sample = json.loads((ROOT / "demo/answers/spjy.json").read_text())
        # Days are written as "today+56d", so that they lie in the future for ever.
        later = lambda text: str(datetime.date.today() + datetime.timedelta(int(text[len("today+"):-1])))
        sample["values"] = {name: later(value) if str(value).startswith("today+") else value for name, value in sample["values"].items()}
        citizen, clerk = self.log_in("chenxiaoyun"), self.log_in("zhouchuang")
        made = self.draft(citizen, sample)
        path = f"/drafts/{made.json()['draft']}"
        match = {"if-match": made.headers["etag"]}
        self.call(citizen, "PUT", path + "/answers", 200, json=sample["values"], headers=match)
        for material in sample["materials"]:
            files = {material: (f"{material}.png", png(), "image/png")}
            self.call(citizen, "POST", path + "/files", 201, files=files)
        key = {"idempotency-key": "api-tests-submission"}
        number = self.call(citizen, "POST", path + "/submission", 201, headers=key).json()["project_no"]
        tasks = self.call(clerk, "GET", "/tasks", 200).json()["items"]
        task = next(one["task"] for one in tasks if one["case"]["project_no"] == number)
        for _ in range(60):
            proof = requests.get(f"{self.base}/api/v1/cases/{number}/proof", headers={"authorization": f"Bearer {citizen}"}, timeout=20)
            if proof.status_code == 200:
                break
            time.sleep(0.5)
        assert proof.status_code == 200 and proof.json()["events"], (proof.status_code, proof.text)
        another = self.draft(citizen, sample).json()["draft"]
        return {"path.id": another, "path.project_no": number, "path.task": task, "path.code": sample["item"]}


def schemathesis(city, folder, role, token, examples, things):
    config = folder / "schemathesis.toml"
    lines = ["[parameters]"] + [f"{json.dumps(name)} = {json.dumps(value)}" for name, value in things.items()]
    config.write_text("\n".join(lines) + "\n" if things else "")
    command = [str(SCHEMATHESIS), "--config-file", str(config), "run", str(DOCUMENT), "--url", city.base]
    command += ["--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-examples", str(examples), "--seed", "20261119"]
    command += ["--workers", "1", "--continue-on-failure", "--no-shrink", "--request-timeout", "20", "--warnings", "off"]
    command += ["--generation-database", "none", "--suppress-health-check", "all"]
    if token:
        # The session that the others need must live.
        command += ["-H", f"Authorization: Bearer {token}", "--exclude-operation-id", "closeSession"]
    if things:
        # A case that the others just changed is proved a few seconds later: until then 503 with Retry-After is right.
        command += ["--exclude-operation-id", "proveCase"]
    print(f"\n== {role}", flush=True)
    begun = time.monotonic()
    code = subprocess.call(command, cwd=folder, env={**os.environ, "NO_COLOR": "1"})
    print(f"== {role}: exit {code} after {time.monotonic() - begun:.0f} s", flush=True)
    return code


def main(program):
    with tempfile.TemporaryDirectory(prefix="tongban-api-") as name:
        folder = pathlib.Path(name)
        city = City(program, folder)
        try:
            things = city.things()
            wrong = []
            served = requests.get(city.base + "/api/v1/openapi.json", timeout=20)
            if served.status_code != 200 or served.json() != json.loads(DOCUMENT.read_text()):
                print(f"the program does not serve docs/openapi.json (answered {served.status_code})")
                wrong.append("served document")
            for role, login, examples, real in RUNS:
                token = city.log_in(login) if login else None
                if schemathesis(city, folder, role, token, examples, things if real else {}):
                    wrong.append(role)
            assert city.child.poll() is None, f"the program ended:\n{city.tail()}"
        finally:
            city.stop()
    if wrong:
        print(f"\nfindings as: {', '.join(wrong)}")
        return 1
    print("\nnothing undocumented, no server error")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
