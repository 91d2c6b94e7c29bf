import type { Resolvers } from "../graph/types.js";
import { addressResolvers } from "./address.js";
import { containerConfigResolvers } from "./container-config.js";
import { containerExecResolvers } from "./container-exec.js";
import { containerExportResolvers } from "./container-export.js";
import { containerFileResolvers } from "./container-files.js";
import { containerImageResolvers } from "./container-image.js";
import { directoryResolvers } from "./directory.js";
import { fileResolvers } from "./file.js";
import { gitResolvers } from "./git.js";
import { hostResolvers } from "./host.js";
import { httpResolvers } from "./http.js";
import { queryResolvers } from "./query.js";
import { secretResolvers } from "./secret.js";

/** Every field of the core that is served. */
export const coreResolvers: Resolvers = {
  ...queryResolvers,
  ...addressResolvers,
  ...containerConfigResolvers,
  ...containerExecResolvers,
  ...containerExportResolvers,
  ...containerFileResolvers,
  ...containerImageResolvers,
  ...directoryResolvers,
  ...fileResolvers,
  ...gitResolvers,
  ...hostResolvers,
  ...httpResolvers,
  ...secretResolvers,
};
