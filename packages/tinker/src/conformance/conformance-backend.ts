import type { ServiceClient } from "../client/service-client.ts";
import type { TrainingModel } from "../training-model.ts";

/** What the conformance suite runs on: an engine in process, or a server. */
export interface ConformanceBackend {
  /** Shown in the report. */
  readonly name: string;
  /** A new model with a LoRA adapter. Equal seeds give equal models; each is given back by `dispose`. */
  createModel(seed: number): Promise<TrainingModel>;
  /** Where there is a wire: what raw requests go through. */
  readonly client?: ServiceClient;
}

/** A server as the suite wants it: models are LoRA adapters of rank 4. */
export function serverBackend(client: ServiceClient, baseModel?: string): ConformanceBackend {
  return {
    name: client.connection.transport.settings.address.url.host,
    client,
    createModel: (seed) =>
      client.createModel({ lora: { rank: 4, seed }, ...(baseModel !== undefined && { baseModel }) }),
  };
}
