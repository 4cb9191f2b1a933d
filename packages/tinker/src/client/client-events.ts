import type { QueueState } from "../wire/index.ts";

/** Kinds of slow requests, as the poll header names them. */
export type RequestType =
  | "CreateModel"
  | "Forward"
  | "ForwardBackward"
  | "OptimStep"
  | "SaveWeights"
  | "SaveWeightsForSampler"
  | "LoadWeights"
  | "Sample"
  | "UnloadModel";

/** Whether the server still holds the session: `degraded` after missed heartbeats, `lost` when it says no or stays silent. */
export type SessionState = "live" | "degraded" | "lost";

/** What a client reports while it works. No event holds a key or a body. */
export type ClientEvent =
  /** The server answers, but the request waits. */
  | {
      readonly type: "queue";
      readonly request: RequestType;
      readonly requestId: string;
      readonly state: QueueState;
      readonly reason?: string | undefined;
      readonly polls: number;
      readonly elapsedMs: number;
    }
  /** A call failed and is made again after a pause. */
  | {
      readonly type: "retry";
      readonly path: string;
      readonly attempt: number;
      readonly pauseMs: number;
      readonly why: string;
    }
  /** A request whose result the server lost is sent again under its old number. */
  | { readonly type: "resubmit"; readonly request: RequestType; readonly seqId: number; readonly why: string }
  /** The server wants to be paid; the client waits. */
  | { readonly type: "billing"; readonly path: string; readonly waitedMs: number }
  | { readonly type: "session"; readonly state: SessionState; readonly why?: string }
  /** A message for people, from the server. */
  | { readonly type: "message"; readonly level: "info" | "warning" | "error"; readonly text: string };
