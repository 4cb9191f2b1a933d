import { cpSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeSampleResponse, PROTOBUF } from "@armature/tinker/wire";
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

const PROMPT = [1, 5, 6];
const request = (settings: object) => ({
  prompt: { chunks: [{ type: "encoded_text", tokens: PROMPT }] },
  sampling_params: { max_tokens: 6, temperature: 1, seed: 7, stop: null },
  ...settings,
});

/** A busy machine takes long to start a thread. */
const STARTING = 120_000;

let speaker: Speaker;
beforeAll(async () => {
  // A chat template that a vocabulary of words can read.
  const folder = mkdtempSync(join(tmpdir(), "armature-chat-model-"));
  cpSync(NANO_POLICY, folder, { recursive: true });
  writeFileSync(join(folder, "chat_template.jinja"), "{% for m in messages %}{{ m.content }} {% endfor %}");
  speaker = await startServer({ limits: { samplers: 2 } }, folder);
}, STARTING);

describe("sampling over HTTP", () => {
  it("gives the engine's tokens and logprobs, in JSON and in protobuf", async () => {
    const engine = await LocalEngine.open({ kind: "path", path: NANO_POLICY }, { threads: 1 });
    const local = await engine.baseSampler();
    const expected = await local.sample(PROMPT, { maxTokens: 6, numSamples: 2, seed: 7 }).result;
    const scored = await local.logprobs(PROMPT).result;
    await engine.close();
    const body = request({ base_model: "nano-policy", num_samples: 2, prompt_logprobs: true });
    const { json } = await speaker.ask("POST", "/api/v1/asample", body);
    expect(json.sample_sequence_ids).toEqual([`${json.request_id}:0`, `${json.request_id}:1`]);
    const result = await speaker.result(json.request_id);
    expect(
      result.sequences.map((s: { tokens: number[]; logprobs: number[] }) => [s.tokens, s.logprobs]),
    ).toEqual(expected.sequences.map(({ logprobs, tokens }) => [[...tokens], [...logprobs]]));
    expect(result.prompt_logprobs).toEqual([null, ...scored.subarray(1)]);
    const poll = { request_id: json.request_id };
    const reply = await speaker.fetch("POST", "/api/v1/retrieve_future", poll, { accept: PROTOBUF });
    const decoded = decodeSampleResponse(new Uint8Array(await reply.arrayBuffer()));
    expect(decoded.sequences.map(({ tokens }) => [...tokens])).toEqual(
      expected.sequences.map(({ tokens }) => [...tokens]),
    );
    expect(decoded.prompt_logprobs).toEqual(Float32Array.of(Number.NaN, ...scored.subarray(1)));
  });

  it("keeps weights of a moment, and says when they were released for newer ones", async () => {
    const session = await speaker.session();
    const model = await speaker.model(session);
    const data = [datumJson([1, 5, 6, 7, 8], [0, 0, 1, 1])];
    const moments: string[] = [];
    for (const i of [0, 1, 2]) {
      const number = { sampling_session_seq_id: i, seq_id: 3 * i + 1, model_id: model };
      moments.push((await speaker.done("save_weights_for_sampler", number)).sampling_session_id);
      await speaker.done("forward_backward", gradient(model, 3 * i + 2, data));
      await speaker.done("optim_step", step(model, 3 * i + 3, 0.05));
    }
    const samples = await Promise.all(
      moments.map((id) =>
        speaker.done("asample", request({ sampling_session_id: id, seq_id: 0, prompt_logprobs: true })),
      ),
    );
    // The server keeps two.
    expect(samples[0].error).toContain(`the weights of sampling session ${moments[0]} were released`);
    expect(samples[1].prompt_logprobs).not.toEqual(samples[2].prompt_logprobs);
    expect((await speaker.ask("GET", `/api/v1/samplers/${moments[1]}`)).json.base_model).toBe("nano-policy");
    expect((await speaker.ask("DELETE", `/api/v1/samplers/${moments[1]}`)).status).toBe(204);
    const gone = await speaker.ask(
      "POST",
      "/api/v1/asample",
      request({ sampling_session_id: moments[1], seq_id: 1 }),
    );
    expect(gone.status).toBe(404);
  });

  it("computes a named batch as one call, and one wrong request alone", async () => {
    const engine = await LocalEngine.open({ kind: "path", path: NANO_POLICY }, { threads: 1 });
    const local = await engine.baseSampler();
    const options = (seed: number) => ({ maxTokens: 6, seed });
    const expected = await local.sampleMany(
      [1, 2, 3].map((seed) => ({ prompt: PROMPT, options: options(seed) })),
    ).result;
    await engine.close();
    const sample = (seed: number, more: object = {}) =>
      speaker
        .submit(
          "asample",
          request({
            base_model: "nano-policy",
            sampling_params: { max_tokens: 6, seed, ...more },
          }),
          { "x-armature-batch": "batch-1;4" },
        )
        .then((id) => speaker.result(id));
    const [first, second, third, wrong] = await Promise.all([
      sample(1),
      sample(2),
      sample(3),
      sample(4, { max_tokens: 9999 }),
    ]);
    expect(wrong.error).toContain("exceed the model's context of 192");
    expect([first, second, third].map(({ sequences }) => sequences[0].tokens)).toEqual(
      expected.map(({ sequences }) => [...sequences[0]!.tokens]),
    );
  });

  it("leaves out prompt logprobs that nobody wants", async () => {
    const prompt = [1, 5, 6, 7, 8, 9];
    const ask = (headers: Record<string, string>) => {
      const chunks = [{ type: "encoded_text", tokens: prompt }];
      const body = request({ base_model: "nano-policy", prompt: { chunks }, prompt_logprobs: true });
      return speaker.submit("asample", body, headers).then((id) => speaker.result(id));
    };
    const [all, part] = [await ask({}), await ask({ "x-armature-logprobs-from": "4" })];
    expect(part.prompt_logprobs.slice(0, 4)).toEqual([null, null, null, null]);
    part.prompt_logprobs.slice(4).forEach((logprob: number, i: number) => {
      expect(logprob).toBeCloseTo(all.prompt_logprobs[4 + i], 5);
    });
  });

  it.each([
    ["topk_prompt_logprobs", 5],
    ["target_prompt_logprobs", {}],
  ])("refuses %s, which it would leave out", async (field, value) => {
    const refused = await speaker.done("asample", request({ base_model: "nano-policy", [field]: value }));
    expect(refused).toEqual({ error: expect.stringContaining(`${field} is not offered`), category: "user" });
  });
});

describe("the OpenAI-compatible routes", () => {
  const body = { model: "nano-policy", prompt: PROMPT, max_tokens: 8, seed: 3, n: 2, logprobs: 1 };

  it("complete tokens with texts, logprobs and usage", async () => {
    const { json } = await speaker.ask("POST", "/v1/completions", body);
    expect(json.choices.map(({ index }: { index: number }) => index)).toEqual([0, 1]);
    const [choice] = json.choices;
    expect(choice.logprobs.tokens.join("")).toBe(choice.text);
    expect(choice.logprobs.token_logprobs.every((p: number) => p <= 0)).toBe(true);
    expect(json.usage.prompt_tokens).toBe(3);
    expect(json.usage.total_tokens).toBe(3 + json.usage.completion_tokens);
    expect((await speaker.ask("POST", "/oai/api/v1/completions", body)).json.choices).toEqual(json.choices);
  });

  it("tell the most likely tokens at each place", async () => {
    const { json } = await speaker.ask("POST", "/v1/completions", {
      ...body,
      n: 1,
      temperature: 0,
      logprobs: 3,
    });
    const { token_logprobs, tokens, top_logprobs } = json.choices[0].logprobs;
    for (const [i, top] of top_logprobs.entries()) {
      const [[first, logprob], ...others] = Object.entries(top) as [string, number][];
      // Greedy decoding takes the likeliest; beside other texts a word has a space before it.
      expect([first!.trim(), logprob]).toEqual([tokens[i].trim(), token_logprobs[i]]);
      expect(others).toHaveLength(2);
      for (const [, other] of others) expect(other).toBeLessThanOrEqual(logprob!);
      expect(Object.values(top as object).reduce((sum, p) => sum + Math.exp(p), 0)).toBeLessThanOrEqual(
        1.0001,
      );
    }
  });

  it("end a text before its stop string", async () => {
    const plain = await speaker.ask("POST", "/v1/completions", { ...body, temperature: 0, n: 1 });
    const [, second] = plain.json.choices[0].text.split(" ");
    const stopped = await speaker.ask("POST", "/v1/completions", {
      ...body,
      temperature: 0,
      n: 1,
      stop: second,
    });
    const text = stopped.json.choices[0].text;
    expect(plain.json.choices[0].text.startsWith(text)).toBe(true);
    expect(text).not.toContain(second);
    expect(stopped.json.choices[0].finish_reason).toBe("stop");
  });

  it("answer a conversation, also with weights that were just saved", async () => {
    const model = await speaker.model(await speaker.session());
    const { path } = await speaker.done("save_weights_for_sampler", {
      model_id: model,
      seq_id: 1,
      path: "oai",
    });
    const models = (await speaker.ask("GET", "/v1/models")).json.data.map(({ id }: { id: string }) => id);
    expect(models).toEqual(expect.arrayContaining(["nano-policy", path]));
    const chat = {
      messages: [{ role: "user", content: "late is" }],
      logprobs: true,
      max_tokens: 5,
      temperature: 0,
    };
    const [base, saved] = await Promise.all(
      ["nano-policy", path].map((name) =>
        speaker.ask("POST", "/v1/chat/completions", { ...chat, model: name }),
      ),
    );
    // An adapter at its start is the base model.
    expect(saved!.json.choices[0].message).toEqual(base!.json.choices[0].message);
    const [{ logprobs, message }] = base!.json.choices;
    expect(logprobs.content.map(({ token }: { token: string }) => token).join("")).toBe(message.content);
  });

  it.each([
    ["/v1/chat/completions", { model: "nano-policy", messages: [] }, 400, "messages"],
    ["/v1/completions", { ...body, model: "gpt" }, 404, "there is no model gpt here, only nano-policy"],
    ["/v1/completions", { ...body, stream: true }, 400, "streaming is not offered"],
    ["/v1/completions", { ...body, prompt: "unheard" }, 400, 'lacks "unheard"'],
    ["/v1/completions", { ...body, max_tokens: 999 }, 400, "exceed the model's context"],
    ["/v1/completions", { ...body, temperature: -1 }, 400, "temperature"],
  ])("refuse a request of %s with %o by status %i", async (path, wrong, status, message) => {
    const answer = await speaker.ask("POST", path, wrong);
    expect(answer.status).toBe(status);
    expect(answer.json.error.type).toBe("invalid_request_error");
    expect(answer.json.error.message).toContain(message);
  });
});
