/** A judge that finds every criterion met, in the words of whoever asks: `mock-judge.ts LATENCY_MS` prints its base URL. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const latencyMs = Number(process.argv[2] ?? 0);

interface Asked {
  readonly model: string;
  readonly messages: readonly { readonly content: unknown }[];
  readonly tools?: readonly { readonly function: { readonly name: string; readonly parameters: Schema } }[];
  readonly response_format?: { readonly json_schema?: { readonly schema?: Schema } };
}

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** A value that fits the schemas of the peers, and says "met": true, the first choice, some text. */
function fitting(schema: Schema): unknown {
  if (schema.enum) return schema.enum.find((choice) => choice === "met") ?? schema.enum[0];
  if (schema.type === "object")
    return Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([key, value]) => [key, fitting(value)]),
    );
  return schema.type === "boolean" ? true : "because";
}

/** Verdicts in all forms at once: ours by id, the Python peers' by status. */
const VERDICTS = Array.from({ length: 64 }, (_, i) =>
  JSON.stringify({
    id: `c${i + 1}`,
    reason: "it says so",
    verdict: "yes",
    explanation: "ok",
    criterion_status: "MET",
  }),
);

function message({ tools, response_format, messages }: Asked): object {
  const tool = tools?.[0]?.function;
  if (tool) {
    const call = { name: tool.name, arguments: JSON.stringify(fitting(tool.parameters)) };
    return {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "call", type: "function", function: call }],
    };
  }
  const schema = response_format?.json_schema?.schema;
  if (schema) return { role: "assistant", content: JSON.stringify(fitting(schema)) };
  const text = String(messages.at(-1)?.content);
  const criterion = Number(/mentions fact (\d+)/.exec(text.slice(-200))?.[1] ?? 1);
  return { role: "assistant", content: VERDICTS[criterion - 1] };
}

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const asked = JSON.parse(Buffer.concat(parts).toString("utf8")) as Asked;
    const reply = () => {
      const choice = {
        index: 0,
        message: message(asked),
        finish_reason: asked.tools ? "tool_calls" : "stop",
      };
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({
          id: "reply",
          object: "chat.completion",
          created: 0,
          model: asked.model,
          choices: [choice],
          usage: { prompt_tokens: 700, completion_tokens: 40, total_tokens: 740 },
        }),
      );
    };
    if (latencyMs > 0) setTimeout(reply, latencyMs);
    else reply();
  });
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1\n`);
});
