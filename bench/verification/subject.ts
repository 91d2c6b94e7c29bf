import { createHash } from "node:crypto";

/** What every statement here is about. */
export const artifactBytes = Buffer.from("hello\n");
const sha256 = createHash("sha256").update(artifactBytes).digest("hex");
export const subjects = [{ name: "hello.txt", digest: { sha256 } }];
export const artifact = { name: "hello.txt", digests: { sha256 } };
export const predicateType = "https://spdx.dev/Document";
