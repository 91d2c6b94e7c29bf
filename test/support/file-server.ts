/** An HTTP server on loopback with one git repository and one file, for builds that fetch something. */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";

export type FileServer = {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** Commit of the tag v1.0.0 of `/repo.git`. */
  readonly commit: string;
  close(): Promise<void>;
};

/** Text of `/notes.txt`. */
export const notes = "notes of the release\n";

/** Serves `/repo.git` (git's smart protocol) and `/notes.txt` from a fresh directory. */
export async function serveFiles(directory: string): Promise<FileServer> {
  const commit = makeRepository(directory);
  const server = createServer((request, response) => {
    if (request.url?.startsWith("/repo.git") === true) gitBackend(directory, request, response);
    else response.end(request.url?.startsWith("/notes.txt") === true ? notes : "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    host: `127.0.0.1:${address.port}`,
    commit,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function makeRepository(directory: string): string {
  const place = join(directory, "repo.git");
  mkdirSync(place, { recursive: true });
  const git = (...args: string[]): string =>
    execFileSync("git", ["-C", place, "-c", "user.name=n", "-c", "user.email=n@example.com", ...args], {
      encoding: "utf8",
    }).trim();
  git("init", "--quiet", "--initial-branch=main");
  writeFileSync(join(place, "main.go"), "package main\n");
  git("add", ".");
  git("commit", "--quiet", "--message=first");
  git("tag", "v1.0.0");
  return git("rev-parse", "HEAD");
}

/** git's own CGI program behind the server. https://git-scm.com/docs/git-http-backend */
function gitBackend(directory: string, request: IncomingMessage, response: ServerResponse): void {
  const [path = "", query = ""] = (request.url ?? "").split("?", 2);
  const backend = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env["PATH"],
      GIT_PROJECT_ROOT: directory,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: path,
      QUERY_STRING: query,
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      GIT_PROTOCOL: [request.headers["git-protocol"] ?? ""].flat().join(),
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  backend.stdin.on("error", () => undefined);
  request.pipe(backend.stdin);
  const chunks: Buffer[] = [];
  backend.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  backend.on("close", () => {
    const answer = Buffer.concat(chunks);
    const end = answer.indexOf("\r\n\r\n");
    for (const line of answer.subarray(0, end).toString("latin1").split("\r\n")) {
      const [name = "", value = ""] = line.split(/:\s*/, 2);
      if (name.toLowerCase() === "status") response.statusCode = Number.parseInt(value, 10);
      else if (name !== "") response.setHeader(name, value);
    }
    response.end(answer.subarray(end + 4));
  });
}
