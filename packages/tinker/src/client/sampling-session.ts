import { CreateSamplingSessionReply, readJson } from "../wire/index.ts";
import type { ClientConnection } from "./client-connection.ts";
import { replyText } from "./http-call.ts";
import { HttpSampler } from "./http-sampler.ts";

/** Which weights a sampler is to have: a base model's, or saved ones (`tinker://…/sampler_weights/…`). */
export type SamplerWeights = { readonly baseModel: string } | { readonly modelPath: string };

/** A sampler of a base model or of saved weights. */
export async function openSampler(
  connection: ClientConnection,
  weights: SamplerWeights,
): Promise<HttpSampler> {
  return connection.inSession(async (session_id) => {
    const path = "create_sampling_session";
    const which =
      "baseModel" in weights ? { base_model: weights.baseModel } : { model_path: weights.modelPath };
    const number = connection.nextSamplerNumber();
    const body = { session_id, sampling_session_seq_id: number, ...which, type: path };
    const reply = await connection.transport.call({ path, body });
    const { sampling_session_id } = readJson(CreateSamplingSessionReply, replyText(reply), path, "protocol");
    return new HttpSampler(connection, sampling_session_id);
  });
}
