import { expect, it } from "vitest";

import { pushError, serviceFailed } from "../../src/oci/push-error.js";

const target = { registry: "localhost:5000", name: "localhost:5000/team/app" };

it.each([
  [
    "unexpected status from HEAD request to http://localhost:5000/v2/a/blobs/sha256:66: 401 Unauthorized",
    "REGISTRY_DENIED",
  ],
  ["failed to push: server message: insufficient_scope: authorization failed", "REGISTRY_DENIED"],
  ["push access denied, repository does not exist or may require authorization", "REGISTRY_DENIED"],
  ["dial tcp 127.0.0.1:5000: connect: connection refused", "REGISTRY_FAILED"],
  ["unexpected status from PUT request: 500 Internal Server Error", "REGISTRY_FAILED"],
])("tells of %s", (said, code) => {
  const cause = new Error(said);
  const error = pushError(cause, target);
  expect(error).toMatchObject({ code, cause });
  expect(error.message).toContain("the engine could not push to localhost:5000/team/app");
  expect(error.message).toContain(said.slice(0, 20));
});

it("shows no credentials that the engine repeats", () => {
  const said = "Get https://bob:s3cr3t-canary@registry.example/v2/: 401 Unauthorized";
  expect(pushError(new Error(said), target).message).not.toContain("canary");
});

it.each([
  ["Get http://k2m4.v8s0.dagger.local:5000/v2/: connect: connection refused", ""],
  ["Get http://k2m4:5000/v2/: dial tcp: lookup k2m4:5000: no such host", "k2m4:5000"],
])("names a service as its user did: %s", (said, host) => {
  const { message } = pushError(new Error(said), target, host);
  expect(message).toContain("Get http://localhost:5000/v2/");
  expect(message).not.toContain("k2m4");
});

it("names a service as its user did where it does not start", () => {
  const { message } = pushError(
    new Error("start 6fckk03g1vsmc (aliased as localhost): exit code: 3"),
    target,
  );
  expect(message).toContain("start localhost:5000: exit code: 3");
  expect(message).not.toContain("6fckk03g1vsmc");
});

it("says that a service does not run", () => {
  const cause = new Error("start k2m4.v8s0.dagger.local (aliased as registry): exited: exit code 1");
  const error = serviceFailed("localhost:5000", cause);
  expect(error).toMatchObject({ code: "REGISTRY_FAILED", cause });
  expect(error.message).toContain("the service that is given for localhost:5000 does not run");
  expect(error.message).toContain("exit code 1");
  expect(error.message).not.toContain("k2m4");
});

it.each([
  ["tls: failed to verify certificate: x509: certificate signed by unknown authority", "--ca"],
  ["unexpected status: 400 Bad Request: Client sent an HTTP request to an HTTPS server.", "--ca"],
  ["http: server gave HTTP response to HTTPS client", "--plain-http"],
])("says what helps where the engine says %s", (said, flag) => {
  expect(pushError(new Error(said), target).next).toContain(flag);
});
