import type { Resolvers } from "../graph/types.js";
import { containerConfigResolvers } from "./container-config.js";
import { containerExecResolvers } from "./container-exec.js";
import { containerFileResolvers } from "./container-files.js";
import { containerImageResolvers } from "./container-image.js";
import { directoryResolvers } from "./directory.js";
import { fileResolvers } from "./file.js";
import { hostResolvers } from "./host.js";
import { queryResolvers } from "./query.js";
import { secretResolvers } from "./secret.js";

/** Every field of the core that is served. */
export const coreResolvers: Resolvers = {
  ...queryResolvers,
  ...containerConfigResolvers,
  ...containerExecResolvers,
  ...containerFileResolvers,
  ...containerImageResolvers,
  ...directoryResolvers,
  ...fileResolvers,
  ...hostResolvers,
  ...secretResolvers,
};
