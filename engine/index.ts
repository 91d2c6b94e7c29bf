/** The local engine. README.md beside this file says what builds on it. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";

import { buildSchema, parse, extendSchema } from "graphql";

import { openBuildah } from "./buildah/buildah.js";
import { killCommands } from "./buildah/command.js";
import { releaseMounts, removeStaleWork } from "./buildah/stale.js";
import { newSession } from "./graph/session.js";
import type { Client, Resolvers } from "./graph/types.js";
import { type ProgressEvent, newReporter } from "./progress.js";
import { coreResolvers } from "./resolvers/index.js";
import { openSecretKeeper } from "./secret/keeper.js";
import { executeQuery } from "./server/execute.js";
import { listen } from "./server/http.js";
import type { EngineServices, StandIn } from "./services.js";
import { openStore } from "./store/store.js";
import { eventStream } from "./telemetry/event-stream.js";
import { newRecorder } from "./telemetry/recorder.js";

export { EngineError } from "./graph/error.js";
export type { Client, FieldCall, ObjectRef, Resolver, ResolverContext, Resolvers } from "./graph/types.js";
export type { ProgressEvent } from "./progress.js";
export type { StandIn } from "./services.js";

export type EngineOptions = {
  /** Directory that the engine owns; made when it is not there. */
  readonly store: string;
  readonly workdir: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly progress?: (event: ProgressEvent) => void;
  readonly standIn?: StandIn;
};

export type Extension = {
  readonly typeDefs: string;
  readonly resolvers: Resolvers;
  /** Ends what the extension runs, before the engine itself ends: also when a signal ends it. May be called twice. */
  readonly close?: () => Promise<void>;
};

export type Engine = {
  readonly port: number;
  readonly token: string;
  newClient(options: { readonly workdir: string; readonly data?: unknown }): FunctionClient;
  extend(extension: Extension): void;
  close(): Promise<void>;
};

export type FunctionClient = { readonly token: string; close(): void };

const schemaFile = new URL("schema.graphql", import.meta.url);

export async function startEngine(options: EngineOptions): Promise<Engine> {
  const store = openStore(options.store);
  const env = options.env ?? process.env;
  const buildah = openBuildah(store, env);
  await removeStaleWork(store);
  await buildah.removeStale();
  const services: EngineServices = {
    store,
    buildah,
    report: newReporter(options.progress ?? (() => undefined), Date.now),
    standIn: options.standIn ?? (() => Promise.resolve(undefined)),
    env,
    workdir: options.workdir,
    credentials: new Map(),
    secrets: openSecretKeeper(store),
    recorder: newRecorder(Date.now),
  };
  let schema = buildSchema(readFileSync(schemaFile, "utf8"));
  let resolvers: Resolvers = coreResolvers;
  const session = newSession(services);
  session.update(schema, resolvers);
  const tokens = new Map<string, Client>();
  const addClient = (client: Client): string => {
    const token = randomBytes(32).toString("hex");
    tokens.set(token, client);
    return token;
  };
  const token = addClient({ main: true, workdir: options.workdir, data: undefined });
  const server = await listen(tokens, {
    query: (client, request) => executeQuery(schema, session, client, request),
    stream: (signal) => eventStream(services.recorder, signal),
  });

  const extensionEnds: (() => Promise<void>)[] = [];
  let closing: Promise<void> | undefined;
  const shutDown = async (): Promise<void> => {
    signals.forEach((signal) => process.off(signal, onSignal));
    await server.close();
    await Promise.allSettled(extensionEnds.map((end) => end()));
    await buildah.close();
    await releaseMounts(store.work);
    await rm(store.work, { recursive: true, force: true });
  };
  const close = (): Promise<void> => (closing ??= shutDown());
  const onSignal = (signal: NodeJS.Signals): void => {
    killCommands();
    void close().finally(() => process.kill(process.pid, signal));
  };
  signals.forEach((signal) => process.on(signal, onSignal));

  return {
    port: server.port,
    token,
    newClient: ({ workdir, data }) => {
      const clientToken = addClient({ main: false, workdir, data });
      return { token: clientToken, close: () => void tokens.delete(clientToken) };
    },
    extend: (extension) => {
      schema = extendSchema(schema, parse(extension.typeDefs));
      resolvers = { ...resolvers, ...extension.resolvers };
      session.update(schema, resolvers);
      if (extension.close !== undefined) extensionEnds.push(extension.close);
    },
    close,
  };
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
