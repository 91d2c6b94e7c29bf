import { AttestError } from "../../src/error.js";

export const bytes = (value: unknown): Uint8Array =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value));

/** The refusal that `act` ends in; fails when it does not end in one. */
export async function refusal(act: () => unknown): Promise<AttestError> {
  try {
    await act();
  } catch (error) {
    if (error instanceof AttestError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

/** What `act` gives, or the refusal that it ends in; any other error goes through. */
export async function settled<T>(act: () => T | Promise<T>): Promise<T | AttestError> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof AttestError) return error;
    throw error;
  }
}
