import { completionDatum } from "@armature/tinker";
import { decodeForwardBackwardOutput, encodeForwardBackwardRequest, PROTOBUF } from "@armature/tinker/wire";
import { beforeAll, describe, expect, it } from "vitest";
import {
  datumJson,
  gradient,
  NANO_POLICY,
  type Speaker,
  startServer,
  step,
} from "../../test/protocol-speaker.ts";
import { LocalEngine } from "../local/local-engine.ts";

const DATA = [datumJson([1, 5, 6, 7, 8], [0, 0, 1, 1]), datumJson([1, 15, 16, 9], [0, 1, -0.5])];

/** The same two datums for the engine in process. */
const LOCAL = [
  completionDatum([1, 5, 6], [7, 8], { weights: [1, 1] }),
  completionDatum([1, 15], [16, 9], { weights: [1, -0.5] }),
];

async function inProcess(steps: number) {
  const engine = await LocalEngine.open({ kind: "path", path: NANO_POLICY }, { threads: 1 });
  const lora = { rank: 4, alpha: 32, attention: true, mlp: true, head: true, seed: 1 };
  const model = await engine.createModel({ lora, checkpoints: "" });
  const results = [];
  for (let i = 0; i < steps; i++) {
    results.push(await model.forwardBackward(LOCAL, { name: "cross_entropy" }).result);
    await model.optimStep({ learning_rate: 0.01, eps: 1e-8 }).result;
  }
  await engine.close();
  return results;
}

/** A busy machine takes long to start a thread. */
const STARTING = 120_000;

let speaker: Speaker;
/** Waits for nothing long. */
let impatient: Speaker;
beforeAll(async () => {
  speaker = await startServer();
  impatient = await startServer({ limits: { gapTimeoutMs: 2000, holdMs: 200 } });
}, STARTING);

describe("training over HTTP", () => {
  it("gives the numbers of the engine in process, in JSON and in protobuf, whatever order requests arrive in", async () => {
    const model = await speaker.model(await speaker.session());
    // Three steps, sent from the last to the first.
    const ids: string[] = [];
    for (const i of [2, 1, 0]) {
      ids.push(await speaker.submit("optim_step", step(model, 2 * i + 2)));
      ids.push(await speaker.submit("forward_backward", gradient(model, 2 * i + 1, DATA)));
    }
    const results = await Promise.all([ids[5]!, ids[3]!, ids[1]!].map((id) => speaker.result(id)));
    const expected = await inProcess(4);
    for (const [i, result] of results.entries()) {
      expect(result.metrics["loss:sum"]).toBe(expected[i]!.metrics["loss:sum"]);
      expect(
        result.loss_fn_outputs.map((row: { logprobs: { data: number[] } }) => row.logprobs.data),
      ).toEqual(expected[i]!.logprobs.map((row) => [...row]));
    }
    const request = {
      model_id: model,
      seq_id: 7,
      data: LOCAL,
      loss_fn: "cross_entropy",
      forward_only: false,
    };
    const sent = await speaker.fetch(
      "POST",
      "/api/v1/forward_backward",
      encodeForwardBackwardRequest(request),
      { "content-type": PROTOBUF },
    );
    const { request_id } = (await sent.json()) as { request_id: string };
    const reply = await speaker.fetch(
      "POST",
      "/api/v1/retrieve_future",
      { request_id },
      { accept: PROTOBUF },
    );
    expect(reply.headers.get("content-type")).toBe(PROTOBUF);
    const output = decodeForwardBackwardOutput(new Uint8Array(await reply.arrayBuffer()));
    expect(output.loss_fn_outputs.map(({ logprobs }) => [...logprobs!.data])).toEqual(
      expected[3]!.logprobs.map((row) => [...row]),
    );
    expect(output.metrics["loss:sum"]).toBe(expected[3]!.metrics["loss:sum"]);
  });

  it("gives a forward pass's loss without touching gradients", async () => {
    const model = await speaker.model(await speaker.session());
    const input = { data: DATA, loss_fn: "cross_entropy" };
    const first = await speaker.done("forward", { model_id: model, seq_id: 1, forward_input: input });
    // A step with the gradient zero leaves the weights as they are.
    await speaker.done("optim_step", step(model, 2));
    const second = await speaker.done("forward", { model_id: model, seq_id: 3, forward_input: input });
    expect(second).toEqual(first);
    const [[a, b], [c, d]] = [
      first.loss_fn_outputs[0].logprobs.data.slice(2),
      first.loss_fn_outputs[1].logprobs.data.slice(1),
    ];
    expect(first.metrics["loss:sum"]).toBeCloseTo(-a - b - c + 0.5 * d, 5);
  });

  it("does a repeated request once, and refuses its number for another content", async () => {
    const model = await speaker.model(await speaker.session());
    const once = gradient(model, 1, DATA);
    const id = await speaker.submit("forward_backward", once);
    expect(await speaker.submit("forward_backward", once)).toBe(id);
    await speaker.result(id);
    expect(await speaker.submit("forward_backward", once)).toBe(id);
    const other = await speaker.done("forward_backward", gradient(model, 1, DATA.slice(1)));
    expect(other).toEqual({
      error: expect.stringContaining("sent before with another content"),
      category: "user",
    });
    await speaker.done("optim_step", step(model, 2));
    const { metrics } = await speaker.done("forward_backward", gradient(model, 3, DATA));
    expect(metrics["loss:sum"]).toBe((await inProcess(2))[1]!.metrics["loss:sum"]);
  });

  it("fails what waits for a number that does not come, and takes it again when it came", async () => {
    const model = await impatient.model(await impatient.session());
    const early = step(model, 2);
    expect(await impatient.done("optim_step", early)).toEqual({
      error: "seq_id 2 waited 2 s for seq_id 1, which did not arrive; send it, then these again",
      category: "user",
    });
    await impatient.done("forward_backward", gradient(model, 1, DATA));
    expect((await impatient.done("optim_step", early)).metrics).toBeDefined();
    const { metrics } = await impatient.done("forward_backward", gradient(model, 3, DATA));
    expect(metrics["loss:sum"]).toBe((await inProcess(2))[1]!.metrics["loss:sum"]);
  });

  it("says 'try again' with status 408 where a result takes longer than a poll is held", async () => {
    const model = await impatient.model(await impatient.session());
    const id = await impatient.submit("optim_step", step(model, 2));
    expect(await impatient.ask("POST", "/api/v1/retrieve_future", { request_id: id })).toEqual({
      status: 408,
      json: { type: "try_again", request_id: id, queue_state: "active" },
    });
    expect((await impatient.ask("POST", "/api/v1/retrieve_future", { request_id: "nobody" })).status).toBe(
      410,
    );
  });

  it("keeps models over one base apart", async () => {
    const session = await speaker.session();
    const [one, two] = [
      await speaker.model(session),
      await speaker.model(session, { model_seq_id: 1, lora_config: { rank: 0 } }),
    ];
    const [first] = await inProcess(1);
    await speaker.done("forward_backward", gradient(one, 1, DATA));
    await speaker.done("optim_step", step(one, 2));
    const full = await speaker.done("forward_backward", gradient(two, 1, DATA));
    expect(full.metrics["loss:sum"]).toBeCloseTo(first!.metrics["loss:sum"]!, 4);
    const info = await Promise.all(
      [one, two].map((model_id) => speaker.ask("POST", "/api/v1/get_info", { model_id })),
    );
    expect(info.map(({ json }) => [json.is_lora, json.lora_rank, json.model_data.model_name])).toEqual([
      [true, 4, "nano-policy"],
      [false, 0, "nano-policy"],
    ]);
    expect((await speaker.done("unload_model", { model_id: one })).model_id).toBe(one);
    expect((await speaker.ask("POST", "/api/v1/forward_backward", gradient(one, 3, DATA))).status).toBe(404);
    expect((await speaker.done("optim_step", step(two, 2))).metrics).toBeDefined();
  });

  it.each([
    ["loss dro", (model: string) => gradient(model, 1, DATA, "dro"), "loss dro is not supported"],
    [
      "token 999",
      (model: string) => gradient(model, 1, [datumJson([1, 999, 2], [1, 1])]),
      "token ids are 0 to 153",
    ],
    [
      "missing weights",
      (model: string) => {
        const { weights: _, ...rest } = DATA[0]!.loss_fn_inputs;
        return gradient(model, 1, [{ ...DATA[0]!, loss_fn_inputs: rest }]);
      },
      "needs loss input weights",
    ],
    [
      "an image",
      (model: string) =>
        gradient(model, 1, [{ ...DATA[0]!, model_input: { chunks: [{ type: "image", data: "" }] } }]),
      "only chunks of type encoded_text",
    ],
    ["no data", (model: string) => ({ model_id: model, seq_id: 1 }), "needs forward_backward_input"],
  ])("refuses %s in the result, and goes on with the next number", async (_, request, message) => {
    const model = await speaker.model(await speaker.session());
    const refused = await speaker.done("forward_backward", request(model));
    expect(refused.error).toContain(message);
    expect(refused.category).toBe("user");
    const { metrics } = await speaker.done("forward_backward", gradient(model, 2, DATA));
    expect(metrics["loss:sum"]).toBeGreaterThan(0);
  });

  it.each([
    ["another base", { base_model: "gpt" }, "base model gpt is not offered here, only nano-policy"],
    ["a large rank", { lora_config: { rank: 999 } }, "rank 999 is above this server's 128"],
    ["another optimizer", { optimizer_config: { type: "dimuon" } }, "optimizer dimuon is not offered"],
  ])("refuses a model with %s in the result", async (_, settings, message) => {
    await expect(speaker.model(await speaker.session(), settings)).rejects.toThrow(message);
  });
});
