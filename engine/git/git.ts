/** Runs git: no questions, no configuration of the user's, nothing secret in its arguments. */
import { redactorFor, urlCredentials } from "../../src/provenance/redact.js";
import { CommandError, commandOutput } from "../buildah/command.js";
import { EngineError } from "../graph/error.js";

export type GitAccess = {
  /** Value of an Authorization header; a secret. */
  readonly authorization?: () => Promise<string>;
};

export async function git(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  access: GitAccess = {},
): Promise<string> {
  const settings: Readonly<Record<string, string>> = {
    // The owner of a checkout of the store is whoever runs the engine.
    "safe.directory": "*",
    "core.hooksPath": "/dev/null",
    "advice.detachedHead": "false",
    ...(access.authorization === undefined
      ? {}
      : { "http.extraHeader": `Authorization: ${await access.authorization()}` }),
  };
  try {
    return await commandOutput("git", args, {
      env: {
        ...env,
        ...settingsInVariables(settings),
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_TERMINAL_PROMPT: "0",
        GIT_ALLOW_PROTOCOL: "file:git:http:https:ssh",
        LC_ALL: "C",
      },
    });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    // Without the cause: what git said may show a password of the URL.
    const said = redactorFor(args.flatMap(urlCredentials)).text(error.output);
    throw new EngineError(`git ${args.find((arg) => /^[a-z]/.test(arg)) ?? ""}: ${said}`);
  }
}

/** Settings as variables: arguments can be read by every user of the machine. */
function settingsInVariables(settings: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(settings);
  const variables = entries.flatMap(([key, value], at) => [
    [`GIT_CONFIG_KEY_${at}`, key],
    [`GIT_CONFIG_VALUE_${at}`, value],
  ]);
  return {
    GIT_CONFIG_COUNT: `${entries.length}`,
    ...(Object.fromEntries(variables) as Record<string, string>),
  };
}
