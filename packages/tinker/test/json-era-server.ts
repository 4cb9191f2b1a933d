import {
  type ClientEvent,
  completionDatum,
  ServiceClient,
  type ServiceOptions,
  TinkerError,
} from "../src/index.ts";
import { type Answer, type Heard, type Script, scriptedServer } from "./scripted-server.ts";

/** Limits of a client that gives up soon. */
export const QUICK = { pauseMs: 1, longestPauseMs: 5, attempts: 4, pollMs: 1000 };
/** One prompt token and two that are trained. */
export const datum = completionDatum([1], [2, 3], { weights: [1, 1] });
const output = (datums: number) => ({
  loss_fn_outputs: Array.from({ length: datums }, () => ({
    logprobs: { data: [-1, -2], dtype: "float32", shape: [2] },
  })),
  metrics: { "loss:sum": 3 * datums },
});

/** A server of the JSON era that answers every request at once with the result of its kind. */
export function jsonEra(changes: Script = {}): Script {
  const results = new Map<string, unknown>();
  const accept =
    (kind: string, result: (json: Heard["json"]) => unknown) =>
    (heard: Heard): Answer => {
      const id = `${kind}-${results.size}`;
      results.set(id, result(heard.json));
      return { json: { request_id: id } };
    };
  return {
    create_model: accept("create", () => ({ model_id: "m" })),
    forward_backward: accept("fb", (json) => output(json.forward_backward_input.data.length)),
    forward: accept("f", (json) => output(json.forward_input.data.length)),
    optim_step: accept("o", () => ({ metrics: {} })),
    retrieve_future: ({ json }) => ({
      json: results.get(json.request_id) ?? { error: "unknown", category: "user" },
    }),
    ...changes,
  };
}

/** A client of a scripted server, what the server heard and what the client reported. */
export async function connected(script: Script, options: Partial<ServiceOptions> = {}) {
  const server = await scriptedServer(script);
  const events: ClientEvent[] = [];
  const client = await ServiceClient.connect({
    url: server.url,
    limits: QUICK,
    profile: "none",
    onEvent: (event) => events.push(event),
    ...options,
  });
  client.close();
  return { client, events, ...server };
}

/** The same with a model. */
export async function model(script: Script, options: Partial<ServiceOptions> = {}) {
  const all = await connected(script, options);
  return { ...all, model: await all.client.createModel({ baseModel: "b" }) };
}

/** The error that work ends with. */
export const failure = async (work: Promise<unknown>): Promise<TinkerError> => {
  const error = await work.then(
    () => new Error("no error"),
    (reason: unknown) => reason,
  );
  if (!TinkerError.isInstance(error)) throw error;
  return error;
};
