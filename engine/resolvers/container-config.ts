/** Container fields that read or change its configuration. Nothing runs for them. */
import type { ContainerConfig, ContainerValue } from "../container/types.js";
import { type Field, fieldsOf } from "../graph/fields.js";
import type { Resolvers } from "../graph/types.js";
import { absolutePath, expandPath, expandText } from "./paths.js";
import { isContainer, later, secretOf } from "./values.js";

export function withConfig(self: ContainerValue, config: Partial<ContainerConfig>): ContainerValue {
  const { imageRef: _, ...rest } = self;
  return { ...rest, config: { ...self.config, ...config } };
}

function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  return new Map([...map, [key, value]]);
}

function without<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  return new Map([...map].filter(([each]) => each !== key));
}

function pairs(map: ReadonlyMap<string, string>): { name: string; value: string }[] {
  return [...map].map(([name, value]) => ({ name, value }));
}

const variables: Readonly<Record<string, Field<ContainerValue>>> = {
  envVariable: (self, args) => self.config.env.get(args.text("name")) ?? null,
  envVariables: (self) => pairs(self.config.env),
  withEnvVariable: (self, args) => {
    const value = args.flag("expand") ? expandText(self, args.text("value")) : args.text("value");
    return withConfig(self, { env: withEntry(self.config.env, args.text("name"), value) });
  },
  withoutEnvVariable: (self, args) => withConfig(self, { env: without(self.config.env, args.text("name")) }),
  withSecretVariable: (self, args) => {
    const secret = later(secretOf, args.ref("secret"));
    return withConfig(self, { secretEnv: withEntry(self.config.secretEnv, args.text("name"), secret) });
  },
  withoutSecretVariable: (self, args) =>
    withConfig(self, { secretEnv: without(self.config.secretEnv, args.text("name")) }),
};

const command: Readonly<Record<string, Field<ContainerValue>>> = {
  entrypoint: (self) => self.config.entrypoint,
  withEntrypoint: (self, args) =>
    withConfig(self, {
      entrypoint: args.texts("args"),
      ...(args.flag("keepDefaultArgs") ? {} : { args: [] }),
    }),
  withoutEntrypoint: (self, args) =>
    withConfig(self, { entrypoint: [], ...(args.flag("keepDefaultArgs") ? {} : { args: [] }) }),
  defaultArgs: (self) => self.config.args,
  withDefaultArgs: (self, args) => withConfig(self, { args: args.texts("args") }),
  withoutDefaultArgs: (self) => withConfig(self, { args: [] }),
  workdir: (self) => self.config.workdir,
  withWorkdir: (self, args) => withConfig(self, { workdir: absolutePath(self, expandPath(self, args)) }),
  withoutWorkdir: (self) => withConfig(self, { workdir: "" }),
  user: (self) => self.config.user,
  withUser: (self, args) => withConfig(self, { user: args.text("name") }),
  withoutUser: (self) => withConfig(self, { user: "" }),
};

const described: Readonly<Record<string, Field<ContainerValue>>> = {
  label: (self, args) => self.config.labels.get(args.text("name")) ?? null,
  labels: (self) => pairs(self.config.labels),
  withLabel: (self, args) =>
    withConfig(self, { labels: withEntry(self.config.labels, args.text("name"), args.text("value")) }),
  withoutLabel: (self, args) => withConfig(self, { labels: without(self.config.labels, args.text("name")) }),
  withAnnotation: (self, args) =>
    withConfig(self, {
      annotations: withEntry(self.config.annotations, args.text("name"), args.text("value")),
    }),
  withoutAnnotation: (self, args) =>
    withConfig(self, { annotations: without(self.config.annotations, args.text("name")) }),
  exposedPorts: (self) => self.config.ports,
  withExposedPort: (self, args) => {
    const [port, protocol] = [args.int("port"), protocolOf(args.text("protocol"))];
    const added = {
      port,
      protocol,
      description: args.optionalText("description") ?? null,
      experimentalSkipHealthcheck: args.flag("experimentalSkipHealthcheck"),
    };
    return withConfig(self, { ports: [...otherPorts(self, port, protocol), added] });
  },
  withoutExposedPort: (self, args) =>
    withConfig(self, { ports: otherPorts(self, args.int("port"), protocolOf(args.text("protocol"))) }),
};

function protocolOf(text: string): "TCP" | "UDP" {
  return text === "UDP" ? "UDP" : "TCP";
}

function otherPorts(self: ContainerValue, port: number, protocol: string): ContainerConfig["ports"] {
  return self.config.ports.filter((each) => each.port !== port || each.protocol !== protocol);
}

export const containerConfigResolvers: Resolvers = fieldsOf("Container", isContainer, {
  ...variables,
  ...command,
  ...described,
  platform: (self) => self.platform,
});
