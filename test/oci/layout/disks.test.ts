/** Layouts on disks that are full, read-only or somebody else's: errors with a code, and nothing written in part. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { AttestError } from "../../../src/error.js";
import { attachInLayout, type AttachLayout } from "../../../src/oci/attach/layouts.js";
import { copyImage } from "../../../src/oci/copy/copy.js";
import { packLayout } from "../../../src/oci/layout/archive.js";
import { layoutImage } from "../../../src/oci/layout/image.js";
import { openLayout } from "../../../src/oci/layout/open.js";
import { listAttachments } from "../../../src/oci/read/list.js";
import { systemTiming } from "../../../src/oci/timing.js";
import { extractLayout } from "../../../src/sbom/layout.js";
import { writeBundle } from "../../support/bundles.js";
import { pushImage } from "../../support/registry-images.js";

const timing = systemTiming();
const work = mkdtempSync(join(tmpdir(), "attest-disks-"));
const disk = join(work, "disk");
const source = join(work, "source");
let digest: string;
let bundle: string;
let seen = 0;

const mount = (options: string) =>
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", disk], { stdio: "ignore" });
const unmount = () => execFileSync("umount", [disk], { stdio: "ignore" });
const isMountable = (() => {
  mkdirSync(disk);
  try {
    mount("size=64k");
    unmount();
    return true;
  } catch {
    return false;
  }
})();

beforeAll(async () => {
  digest = (await pushImage(await openLayout(source, { timing, create: true }), "1.0")).digest;
  bundle = await writeBundle(work, "app", [digest]);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** A copy of the layout below a directory. */
function copied(place: string): string {
  const layout = join(place, "layout");
  cpSync(source, layout, { recursive: true });
  return layout;
}

const attach = async (layout: string, kind: AttachLayout = "referrer") => {
  const store = await openLayout(layout, { timing, name: "the layout" });
  const options = { created: "2026-11-27T00:00:00Z", timing, tag: "1.0" };
  return attachInLayout(store, "1.0", [bundle], kind, options);
};

const failure = (doing: Promise<unknown>): Promise<AttestError> =>
  doing.then(
    () => new AttestError("ARGUMENT_INVALID", "it was done"),
    (error: unknown) => {
      expect(error).toBeInstanceOf(AttestError);
      return error as AttestError;
    },
  );

/** Does what fails, and looks whether anything changed that counts. */
async function unharmed(layout: string, doing: () => Promise<unknown>): Promise<AttestError> {
  const before = readFileSync(join(layout, "index.json"));
  const error = await failure(doing());
  expect(readFileSync(join(layout, "index.json"))).toEqual(before);
  expect(partials(layout)).toEqual([]);
  return error;
}

function partials(directory: string): string[] {
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.includes(".partial-") || name.endsWith(".lock"));
}

describe.skipIf(!isMountable)("a disk of its own (where this process may mount one)", () => {
  const on = async (options: string, use: () => Promise<void>) => {
    mount(options);
    try {
      await use();
    } finally {
      unmount();
    }
  };
  const fill = (left: number) => {
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(join(disk, "filler"), Buffer.alloc(Math.max(0, bavail - left) * bsize));
  };

  it.each<AttachLayout>(["referrer", "cosign-tag"])("that is full keeps what it has (%s)", (kind) =>
    on("size=2m", async () => {
      const layout = copied(disk);
      const before = readFileSync(join(layout, "index.json"));
      let failed = 0;
      for (const left of [0, 1, 2, 3, 4, 5, 6, 7, 8]) {
        fill(left);
        const error = await failure(attach(layout, kind));
        rmSync(join(disk, "filler"));
        if (error.code === "ARGUMENT_INVALID") break;
        failed += 1;
        expect(readFileSync(join(layout, "index.json"))).toEqual(before);
        expect(partials(layout)).toEqual([]);
        expect(error.code).toBe("FILE_FAILED");
        expect(error.message).toContain("ENOSPC: no space left on device");
        expect(error.message).toContain("Next: Make room on the disk");
        expect(error.cause).toMatchObject({ code: "ENOSPC" });
      }
      expect(failed).toBeGreaterThan(2);
      await attach(layout, kind);
      const list = await listAttachments(await openLayout(layout, { timing }), "1.0", join(work, "list"));
      expect(list.attachments).toHaveLength(1);
    }),
  );

  it("that is full takes no copy, and no archive", () =>
    on("size=2m", async () => {
      const from = await openLayout(source, { timing });
      const layout = join(disk, "target");
      const to = await openLayout(layout, { timing, create: true });
      fill(1);
      const options = { timing, tags: ["1.0"], directory: work };
      expect((await unharmed(layout, () => copyImage(from, "1.0", to, options))).code).toBe("FILE_FAILED");
      const archive = join(disk, "image.tar");
      expect((await failure(packLayout(source, archive))).message).toContain("can't write image.tar");
      expect(existsSync(archive)).toBe(false);
      const whole = join(work, "whole.tar");
      await packLayout(source, whole);
      const error = await failure(extractLayout(whole, join(disk, "unpacked")));
      expect(error.message).toMatch(/^FILE_FAILED: can't unpack whole.tar\n.*ENOSPC/);
    }));

  it("that is read-only is read, and says what to do", () =>
    on("size=2m", async () => {
      const layout = copied(disk);
      execFileSync("mount", ["-o", "remount,ro", disk], { stdio: "ignore" });
      const store = await openLayout(layout, { timing });
      expect((await listAttachments(store, "1.0", join(work, "ro"))).attachments).toEqual([]);
      const error = await unharmed(layout, () => attach(layout));
      expect(error.message).toContain("FILE_FAILED: can't write");
      expect(error.message).toContain("EROFS: read-only file system");
      expect(error.message).toContain("Next: Copy it to where it can be changed");
      const from = await openLayout(source, { timing });
      expect((await failure(openLayout(join(disk, "new"), { timing, create: true }))).code).toBe(
        "FILE_FAILED",
      );
      const options = { timing, tags: ["2.0"], directory: work };
      expect((await unharmed(layout, () => copyImage(from, "1.0", store, options))).code).toBe("FILE_FAILED");
    }));
});

describe.skipIf(process.geteuid?.() !== 0)(
  "somebody else's layout (where this process may be another)",
  () => {
    const asNobody = async <T>(doing: () => Promise<T>): Promise<T> => {
      process.seteuid?.(65534);
      try {
        return await doing();
      } finally {
        process.seteuid?.(0);
      }
    };

    it("is not changed without permission", async () => {
      const place = mkdtempSync(join(tmpdir(), "attest-theirs-"));
      chmodSync(place, 0o755);
      const layout = copied(place);
      chmodSync(bundle, 0o644);
      chmodSync(work, 0o755);
      const error = await unharmed(layout, () => asNobody(() => attach(layout)));
      expect(error.message).toContain("EACCES: permission denied");
      expect(error.message).toContain("Next: Give whoever runs this the permission");
      rmSync(place, { recursive: true });
    });

    it.each(["blobs", "index.json", "oci-layout", "the manifest"])(
      "is no empty one without %s",
      async (what) => {
        const place = mkdtempSync(join(tmpdir(), "attest-theirs-"));
        chmodSync(place, 0o755);
        const layout = copied(place);
        const path = what === "the manifest" ? `blobs/${digest.replace(":", "/")}` : what;
        chmodSync(join(layout, path), 0);
        const list = async () =>
          listAttachments(await openLayout(layout, { timing }), "1.0", join(work, `list-${(seen += 1)}`));
        chmodSync(work, 0o777);
        const error = await failure(asNobody(list));
        expect(error.message).toMatch(/^FILE_FAILED: can't read .*\n.*EACCES/);
        rmSync(place, { recursive: true });
      },
    );
  },
);

it("something else in the place of what a layout has is an error with a code", async () => {
  const place = mkdtempSync(join(work, "odd-"));
  const layout = copied(place);
  rmSync(join(layout, "blobs"), { recursive: true });
  writeFileSync(join(layout, "blobs"), "a file");
  const from = await openLayout(source, { timing });
  const store = await openLayout(layout, { timing });
  const options = { timing, tags: ["2.0"], directory: work };
  const error = await unharmed(layout, () => copyImage(from, "1.0", store, options));
  expect(error.message).toMatch(/^FILE_FAILED: can't write to .*\n.*(ENOTDIR|EEXIST)/);
  const file = join(place, "file");
  writeFileSync(file, "a file");
  const made = await failure(openLayout(file, { timing, create: true }));
  expect(made.message).toMatch(/^FILE_FAILED: can't write to .*\n.*(ENOTDIR|EEXIST)/);
  expect((await failure(openLayout(file, { timing }))).code).toBe("IMAGE_INVALID");
});

it("a list that can't be read has a code too where its image is looked for", async () => {
  const layout = copied(mkdtempSync(join(work, "loop-")));
  const store = await openLayout(layout, { timing, name: "the layout" });
  rmSync(join(layout, "index.json"));
  symlinkSync("index.json", join(layout, "index.json"));
  const error = await failure(layoutImage(layout, store, undefined));
  expect(error.message).toMatch(/^FILE_FAILED: can't read the layout\n.*ELOOP/);
});

it.each(["oci-layout", "index.json"])("an endless %s is not read", async (name) => {
  const layout = copied(mkdtempSync(join(work, "huge-")));
  // As many bytes as no string holds, none of them on the disk.
  truncateSync(join(layout, name), 8 * 1024 ** 3);
  const error = await failure(openLayout(layout, { timing }).then((store) => store.tags()));
  expect(error.message).toMatch(new RegExp(`^LIMIT_EXCEEDED: ${name}.*larger than what is read`));
});

it("an endless blob is not read where a manifest is looked for", async () => {
  const layout = copied(mkdtempSync(join(work, "huge-")));
  truncateSync(join(layout, "blobs", digest.replace(":", "/")), 8 * 1024 ** 3);
  const error = await failure(openLayout(layout, { timing }).then((store) => store.fetchManifest("1.0")));
  expect(error.code).toBe("LIMIT_EXCEEDED");
});
