/** Version of this module; a test compares it with package.json. */
export const attestVersion = "0.1.0";
