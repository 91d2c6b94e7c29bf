import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { runCommand } from "../../engine/buildah/command.js";
import { hierarchiesIn } from "../../engine/usage/cgroup.js";
import { openChildMeter } from "../../engine/usage/rusage.js";

/** A line of /proc/self/mountinfo. */
const mount = (root: string, place: string, type: string, options: string): string =>
  `31 23 0:28 ${root} ${place} rw,nosuid shared:9 - ${type} ${type} ${options}`;

describe("where groups are made", () => {
  const directories = (own: string, mounts: readonly string[]) =>
    hierarchiesIn(own, mounts.join("\n")).map(({ method, directory }) => `${method} ${directory}`);

  it.each([
    [
      "in hierarchies of version 1, one per controller",
      "5:memory:/system.slice\n4:cpu,cpuacct:/a:b\n3:blkio:/\n1:name=systemd:/x\n0::/x",
      [
        mount("/", "/sys/fs/cgroup/cpu,cpuacct", "cgroup", "rw,cpu,cpuacct"),
        mount("/", "/sys/fs/cgroup/memory", "cgroup", "rw,memory"),
        mount("/", "/sys/fs/cgroup/blkio", "cgroup", "rw,blkio"),
        mount("/", "/sys/fs/cgroup/unified", "cgroup2", "rw"),
      ],
      [
        "cgroup-v1 /sys/fs/cgroup/cpu,cpuacct/a:b",
        "cgroup-v1 /sys/fs/cgroup/memory/system.slice",
        "cgroup-v1 /sys/fs/cgroup/blkio",
      ],
    ],
    [
      "in a container, whose mount begins at its own group",
      "4:memory:/docker/abc\n0::/",
      [mount("/docker/abc", "/sys/fs/cgroup/memory", "cgroup", "ro,memory")],
      ["cgroup-v1 /sys/fs/cgroup/memory"],
    ],
    [
      "in the hierarchy of version 2",
      "0::/user.slice/session-1.scope",
      [mount("/", "/sys/fs/cgroup", "cgroup2", "rw,nsdelegate")],
      ["cgroup-v2 /sys/fs/cgroup/user.slice/session-1.scope"],
    ],
    ["nowhere", "0::/", [mount("/", "/proc", "proc", "rw")], []],
  ])("%s", (_case, own, mounts, expected) => {
    expect(directories(own, mounts)).toEqual(expected);
  });
});

describe("a child's own figures", () => {
  let place: string;
  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), "attest-usage-"));
  });
  afterAll(() => rm(place, { recursive: true }));

  it("are read after it, and leave its streams and its exit code alone", async () => {
    const meter = openChildMeter(join(place, "it's a file"));
    const script = 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; cat; echo "to err" >&2; exit 5';
    const result = await runCommand("sh", ["-c", script], { input: "to out", wrap: meter.wrap });
    expect([result.exitCode, result.stdout.toString(), result.stderr.toString()]).toEqual([
      5,
      "to out",
      "to err\n",
    ]);
    const usage = await meter.read();
    expect(usage?.method).toBe("rusage");
    expect(Object.keys(usage?.counters ?? {}).sort()).toEqual([
      "cpustat.system",
      "cpustat.usage",
      "cpustat.user",
    ]);
    expect(usage?.counters["cpustat.usage"]).toBeGreaterThan(0);
    await meter.close();
    expect(await meter.read()).toBeUndefined();
  });
});
