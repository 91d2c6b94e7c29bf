import { expect, it } from "vitest";

import { pushError } from "../../src/oci/push-error.js";

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
  const error = pushError(cause, "localhost:5000/team/app");
  expect(error).toMatchObject({ code, cause });
  expect(error.message).toContain("the engine could not push to localhost:5000/team/app");
  expect(error.message).toContain(said.slice(0, 20));
});

it("shows no credentials that the engine repeats", () => {
  const said = "Get https://bob:s3cr3t-canary@registry.example/v2/: 401 Unauthorized";
  expect(pushError(new Error(said), "registry.example/app").message).not.toContain("canary");
});
