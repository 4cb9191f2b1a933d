import { TinkerError } from "@armature/tinker";
import { CheckpointError, ModelFileError, ShapeError } from "../errors.ts";
import type { EngineHost } from "./engine-host.ts";

/** The methods of the host that may be called from another thread. */
type HostMethods = {
  [M in keyof EngineHost as M extends "handle" ? never : M]: EngineHost[M] extends (
    params: infer P,
  ) => Promise<infer R>
    ? { params: P; result: R }
    : never;
};

export type MethodName = keyof HostMethods;
export type Params<M extends MethodName> = HostMethods[M]["params"];
export type Result<M extends MethodName> = HostMethods[M]["result"];

/** One call of a host method. */
export type EngineCall = {
  [M in MethodName]: { readonly method: M; readonly params: Params<M> };
}[MethodName];

/** Ends the thread after the run of the runtime that it is in. */
export const STOP = "stop";

export interface EngineRequest {
  readonly id: number;
  readonly call: EngineCall;
}

export type EngineReply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: EncodedError };

/** An error as it crosses the thread border: class instances do not survive structured cloning. */
export interface EncodedError {
  readonly name: string;
  readonly message: string;
  readonly kind?: TinkerError["kind"];
  readonly stack?: string;
}

export function encodeError(error: unknown): EncodedError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message, stack } = error;
  return {
    name,
    message,
    ...(stack && { stack }),
    ...(TinkerError.isInstance(error) && { kind: error.kind }),
  };
}

/** The error class that was thrown in the worker, with the worker's stack as its cause. */
export function decodeError(encoded: EncodedError): Error {
  const cause = encoded.stack === undefined ? undefined : new Error(encoded.stack);
  switch (encoded.name) {
    case "ModelFileError":
      return new ModelFileError(encoded.message, { cause });
    case "CheckpointError":
      return new CheckpointError(encoded.message, { cause });
    case "ShapeError":
      return new ShapeError(encoded.message, { cause });
    default:
      return new TinkerError(encoded.kind ?? "server", encoded.message, { cause });
  }
}
