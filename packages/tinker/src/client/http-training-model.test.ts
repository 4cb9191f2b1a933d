import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { datum, failure, jsonEra, model, QUICK } from "../../test/json-era-server.ts";
import type { Answer, Script } from "../../test/scripted-server.ts";
import { decodeForwardBackwardRequest } from "../wire/index.ts";

describe("order", () => {
  it("is the order of the calls, each sent when the one before was acknowledged, whatever the answers take", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.boolean(), fc.nat(8)), { minLength: 2, maxLength: 8 }),
        async (calls) => {
          let [open, most] = [0, 0];
          const delays = calls.map(([, delay]) => delay);
          const script = jsonEra();
          const slow =
            (route: string): Script[string] =>
            (heard, count) => {
              most = Math.max(most, ++open);
              const afterMs = delays[(heard.json.seq_id - 1) % delays.length]!;
              return { ...(script[route]!(heard, count) as object), afterMs, onSend: () => open-- };
            };
          const { model: trained, heard } = await model({
            ...script,
            forward_backward: slow("forward_backward"),
            optim_step: slow("optim_step"),
          });
          await Promise.all(
            calls.map(([gradient]) =>
              gradient
                ? trained.forwardBackward([datum], { name: "cross_entropy" }).result
                : trained.optimStep({}).result,
            ),
          );
          const sent = heard.filter(({ route }) => route === "forward_backward" || route === "optim_step");
          expect(sent.map(({ route }) => route === "forward_backward")).toEqual(
            calls.map(([gradient]) => gradient),
          );
          expect(sent.map(({ json }) => json.seq_id)).toEqual(calls.map((_, i) => i + 1));
          expect(most).toBe(1);
        },
      ),
      { numRuns: 8 },
    );
  });

  it("of the chunks of a call: side by side, the first one last, results in the order of the datums", async () => {
    const script = jsonEra({ "client/config": () => ({ json: { fwdbwd_max_chunk_len: 2 } }) });
    const { model: trained, heard } = await model(script);
    const data = Array.from({ length: 5 }, () => datum);
    const { logprobs, metrics } = await trained.forwardBackward(data, { name: "cross_entropy" }).result;
    expect(logprobs).toHaveLength(5);
    expect(metrics).toEqual({ "loss:sum": 15 });
    const sent = heard.filter(({ route }) => route === "forward_backward").map(({ json }) => json.seq_id);
    expect([...sent].sort()).toEqual([1, 2, 3]);
    await trained.optimStep({}).result;
    expect(heard.find(({ route }) => route === "optim_step")!.json.seq_id).toBe(4);
  });

  it("leaves no gap where a request was refused", async () => {
    const script = jsonEra();
    const { model: trained, heard } = await model({
      ...script,
      optim_step: (request, count) =>
        count === 0 ? { status: 422, json: { detail: "bad" } } : script["optim_step"]!(request, count),
    });
    const error = await failure(trained.optimStep({ learning_rate: 1 }).result);
    expect(error).toMatchObject({
      kind: "user",
      status: 422,
      message: "optim_step: the server answers 422: bad",
    });
    await trained.optimStep({}).result;
    expect(heard.filter(({ route }) => route === "optim_step").map(({ json }) => json.seq_id)).toEqual([
      1, 1,
    ]);
  });

  it("names the last applied step where the server no longer knows the model, and sends nothing more", async () => {
    const script = jsonEra();
    const gone = { status: 404, json: { detail: "no such model" } };
    const { model: trained, heard } = await model({
      ...script,
      optim_step: (request, count) => (count < 2 ? script["optim_step"]!(request, count) : gone),
    });
    await trained.optimStep({}).result;
    await trained.optimStep({}).result;
    const error = await failure(trained.optimStep({}).result);
    expect(error.kind).toBe("expired");
    expect(error.message).toContain(
      "2 optimizer steps are known to be applied, the last request known to be done is 2",
    );
    const before = heard.length;
    expect((await failure(trained.forward([datum]).result)).message).toBe(error.message);
    expect(heard.length).toBe(before);
  });
});

describe("waiting", () => {
  it("polls on and reports the queue: try_again as 200 and as 408, metadata of a large result", async () => {
    const script = jsonEra();
    const replies: Answer[] = [
      {
        json: {
          type: "try_again",
          request_id: "x",
          queue_state: "paused_capacity",
          queue_state_reason: "full",
        },
      },
      { status: 408, json: { detail: "Timeout waiting for result" } },
      { json: { status: "complete_metadata", response_payload_size: 10 } },
    ];
    const {
      model: trained,
      events,
      heard,
    } = await model({
      ...script,
      retrieve_future: (request, count) =>
        count >= 1 && count <= 3 ? replies[count - 1]! : script["retrieve_future"]!(request, count),
    });
    await trained.forwardBackward([datum], { name: "cross_entropy" }).result;
    expect(events.filter(({ type }) => type === "queue")).toMatchObject([
      { state: "paused_capacity", reason: "full", polls: 1, request: "ForwardBackward" },
      { state: "active", polls: 2 },
    ]);
    const polls = heard.filter(({ route }) => route === "retrieve_future").slice(1);
    expect(polls.map(({ json }) => json.allow_metadata_only ?? false)).toEqual([true, true, true, false]);
    expect(polls.map(({ headers }) => headers["x-tinker-request-iteration"])).toEqual(["0", "1", "2", "3"]);
  });

  it.each<[string, Answer, object]>([
    [
      "an in-band failure",
      { json: { error: "no memory", category: "server" } },
      { kind: "server", retryable: false },
    ],
    ["a failure as 400, at once", { status: 400, json: { detail: "bad" } }, { kind: "user", status: 400 }],
    ["polls that fail for ever", { status: 500 }, { kind: "server" }],
    ["connections that break for ever", "drop", { kind: "connection" }],
    ["a wrong key", { status: 401, json: { detail: "no" } }, { kind: "auth", status: 401 }],
  ])("ends with %s", async (_, answer, expected) => {
    const script = jsonEra();
    const { model: trained } = await model({
      ...script,
      retrieve_future: (request, count) =>
        count === 0 ? script["retrieve_future"]!(request, count) : answer,
    });
    const error = await failure(trained.optimStep({}).result);
    expect(error).toMatchObject(expected);
    expect(error.message).toContain("o-1");
  });

  it("sends a request whose result was lost once more, under its number", async () => {
    const script = jsonEra();
    const {
      model: trained,
      events,
      heard,
    } = await model({
      ...script,
      retrieve_future: (request, count) =>
        count === 1 ? { status: 410, json: {} } : script["retrieve_future"]!(request, count),
    });
    await trained.optimStep({}).result;
    expect(heard.filter(({ route }) => route === "optim_step").map(({ json }) => json.seq_id)).toEqual([
      1, 1,
    ]);
    expect(events).toContainEqual(
      expect.objectContaining({ type: "resubmit", request: "OptimStep", seqId: 1 }),
    );
  });

  it("ends at the deadline, and when the caller gives up", async () => {
    const script = jsonEra();
    const never: Script = {
      ...script,
      retrieve_future: (request, count) =>
        count === 0 ? script["retrieve_future"]!(request, count) : { status: 408, afterMs: 20, json: {} },
    };
    const late = await model(never, { limits: { ...QUICK, deadlineMs: 100 } });
    expect(await failure(late.model.optimStep({}).result)).toMatchObject({
      kind: "connection",
      message: expect.stringContaining("not done within 0.1 s"),
    });
    const controller = new AbortController();
    const given = await model(never, { signal: controller.signal });
    const step = given.model.optimStep({});
    await step.submitted;
    controller.abort();
    expect((await failure(step.result)).kind).toBe("cancelled");
  });
});

describe("retries", () => {
  it("are made after refusals, failures and broken connections, under one number and with the pause that the server names", async () => {
    const script = jsonEra();
    const troubles: Answer[] = [
      { status: 429, headers: { "retry-after-ms": "30" } },
      { status: 503 },
      "drop",
    ];
    const {
      model: trained,
      heard,
      events,
    } = await model({
      ...script,
      optim_step: (request, count) => troubles[count] ?? script["optim_step"]!(request, count),
    });
    await trained.optimStep({}).result;
    expect(heard.filter(({ route }) => route === "optim_step").map(({ json }) => json.seq_id)).toEqual([
      1, 1, 1, 1,
    ]);
    const pauses = events.flatMap((event) => (event.type === "retry" ? [event.pauseMs] : []));
    expect(pauses[0]).toBeGreaterThanOrEqual(30);
    expect(pauses[1]).toBeLessThanOrEqual(5);
  });

  it("end after as many attempts as allowed", async () => {
    const { model: trained, heard } = await model(
      jsonEra({ optim_step: () => ({ status: 502, json: { detail: "away" } }) }),
    );
    const error = await failure(trained.optimStep({}).result);
    expect(error.message).toContain("502: away (given up after 4 attempts)");
    expect(heard.filter(({ route }) => route === "optim_step")).toHaveLength(4);
  });

  it("wait where the server wants to be paid, up to the limit, and say so", async () => {
    const { model: trained, events } = await model(
      jsonEra({ optim_step: () => ({ status: 402, json: {} }) }),
      {
        limits: { ...QUICK, billingMs: 20 },
      },
    );
    expect((await failure(trained.optimStep({}).result)).kind).toBe("billing");
    expect(events).toContainEqual(expect.objectContaining({ type: "billing", path: "optim_step" }));
  });
});

describe("the wire", () => {
  it("of a server without settings is JSON, and forward has a route of its own", async () => {
    const { model: trained, client, heard } = await model(jsonEra());
    await trained.forward([datum]).result;
    expect(client.wire).toBe("json");
    const { json } = heard.find(({ route }) => route === "forward")!;
    expect(json.forward_input.data[0].model_input).toEqual({
      chunks: [{ type: "encoded_text", tokens: [1, 2] }],
    });
    expect(json.forward_input.data[0].loss_fn_inputs.weights).toEqual({
      data: [1, 1],
      dtype: "float32",
      shape: [2],
    });
  });

  it("of a server that reads no JSON becomes protobuf, under the same number, and stays so", async () => {
    const script = jsonEra();
    const refuseJson: Script[string] = ({ headers, bytes }, count) => {
      if (headers["content-type"] === "application/json")
        return { status: 415, json: { detail: "send protobuf" } };
      const { data, seq_id } = decodeForwardBackwardRequest(bytes);
      return script["forward_backward"]!(
        { json: { seq_id, forward_backward_input: { data } } } as never,
        count,
      );
    };
    const { model: trained, client, heard } = await model({ ...script, forward_backward: refuseJson });
    for (let i = 0; i < 2; i++) await trained.forwardBackward([datum], { name: "cross_entropy" }).result;
    expect(client.wire).toBe("protobuf");
    const sent = heard.filter(({ route }) => route === "forward_backward");
    expect(sent.map(({ headers }) => headers["content-type"])).toEqual([
      "application/json",
      "application/x-protobuf",
      "application/x-protobuf",
    ]);
    expect(sent.slice(1).map(({ bytes }) => decodeForwardBackwardRequest(bytes).seq_id)).toEqual([1, 2]);
  });
});
