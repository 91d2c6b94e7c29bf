/** `./attest doctor`: what is installed, what is missing, and how to install it. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { columns, indent, wrap } from "./text.js";

type Tool = {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly purpose: string;
  readonly install: string;
  /** Nothing fails without it. */
  readonly optional?: true;
};

const tools: readonly Tool[] = [
  {
    name: "Node.js",
    command: process.execPath,
    arguments: ["--version"],
    purpose: "runs the command line, the local engine and the module",
    install: "./attest installs Node.js 24 through npm",
  },
  {
    name: "Buildah",
    command: "buildah",
    arguments: ["--version"],
    purpose: "runs containers for the local engine",
    install: "as root: apt-get install buildah",
  },
  {
    name: "git",
    command: "git",
    arguments: ["--version"],
    purpose: "reads repositories",
    install: "as root: apt-get install git",
  },
  {
    name: "Dagger",
    command: "dagger",
    arguments: ["version"],
    purpose: "used instead of the local engine where its engine answers",
    install: "https://docs.dagger.io/install",
    optional: true,
  },
];

/** The report, and whether all that is needed is there. */
export async function doctor(store: string): Promise<{ text: string; healthy: boolean }> {
  const found = await Promise.all(tools.map(async (tool) => ({ tool, version: await versionOf(tool) })));
  const lines = found.flatMap(({ tool, version }) => toolLines(tool, version));
  const isRoot = process.getuid?.() === 0;
  const user = isRoot
    ? "ok       root: containers can run"
    : "missing  root: the local engine runs containers as root";
  const healthy =
    isRoot && found.every(({ tool, version }) => version !== undefined || tool.optional === true);
  return { text: `${[...lines, user, `store    ${store}`].join("\n")}\n`, healthy };
}

function toolLines(tool: Tool, version: string | undefined): string[] {
  if (version !== undefined) return [`ok       ${version}`];
  const state = tool.optional === true ? "absent " : "missing";
  return [
    `${state}  ${tool.name}: ${tool.purpose}`,
    ...indent(wrap(`install: ${tool.install}`, columns - 9), 9),
  ];
}

async function versionOf(tool: Tool): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(tool.command, [...tool.arguments], { timeout: 10_000 });
    const line = stdout.split("\n", 1)[0]?.trim() ?? "";
    return line.toLowerCase().startsWith(tool.name.toLowerCase()) ? line : `${tool.name} ${line}`;
  } catch {
    return undefined;
  }
}
