import { describe, expect, it } from "vitest";
import { connected, failure, jsonEra, model } from "../../test/json-era-server.ts";
import { type Answer, type Script, scriptedServer } from "../../test/scripted-server.ts";
import { type ClientEvent, ServiceClient } from "../index.ts";

describe("connecting", () => {
  it.each([
    ["http://example.com", "example.com: plain http would send the key readable over the network"],
    ["https://user:secret@example.com", "the address holds a name or password"],
    ["ftp://example.com", "is not http or https"],
    ["example", "is no address"],
  ])("to %s is refused before anything is sent", async (url, message) => {
    const error = await failure(ServiceClient.connect({ url }));
    expect(error.kind).toBe("user");
    expect(error.message).toContain(message);
  });

  it("exchanges the key for a token where the server wants that, and sends the key nowhere else", async () => {
    const expires = Math.floor(Date.now() / 1000) + 3600;
    const jwt = `x.${Buffer.from(JSON.stringify({ exp: expires })).toString("base64url")}.y`;
    const script = jsonEra({
      "client/config": () => ({ json: { pjwt_auth_enabled: true } }),
      "auth/token": () => ({ json: { jwt } }),
    });
    const { heard } = await model(script, { apiKey: "tml-key" });
    const keys = (routes: (route: string) => boolean) => [
      ...new Set(heard.filter(({ route }) => routes(route)).map(({ headers }) => headers["x-api-key"])),
    ];
    expect(keys((route) => route === "client/config" || route === "auth/token")).toEqual(["tml-key"]);
    expect(keys((route) => route.startsWith("create"))).toEqual([jwt]);
  });

  it("refuses a base model that the server does not offer", async () => {
    const offered = { supported_models: [{ model_name: "a" }, { model_name: "b" }] };
    const { client } = await connected(jsonEra({ get_server_capabilities: () => ({ json: offered }) }));
    expect((await failure(client.createModel({ baseModel: "c" }))).message).toBe(
      "base model c: the server offers a, b",
    );
  });

  it("keeps a session that the server knows, and opens a new one in place of one that it forgot", async () => {
    const gone: Answer = { status: 404, json: { detail: "what?" } };
    const script = jsonEra();
    const firstGone: Script = {
      ...script,
      create_model: (request, count) => (count === 0 ? gone : script["create_model"]!(request, count)),
    };
    const known = await connected({ ...firstGone, session_heartbeat: () => ({ json: {} }) });
    expect((await failure(known.client.createModel({ baseModel: "b" }))).kind).toBe("expired");
    expect(known.heard.filter(({ route }) => route === "create_session")).toHaveLength(1);
    const forgotten = await connected({ ...firstGone, session_heartbeat: () => gone });
    await forgotten.client.createModel({ baseModel: "b" });
    expect(forgotten.heard.filter(({ route }) => route === "create_session")).toHaveLength(2);
    forgotten.client.close();
  });

  it("refuses an adapter's alpha that the server does not have, and sends none", async () => {
    const { client, heard } = await connected(jsonEra());
    await client.createModel({ baseModel: "b", lora: { rank: 4, alpha: 32 } });
    expect(heard.find(({ route }) => route === "create_model")!.json.lora_config).toEqual({ rank: 4 });
    const error = await failure(client.createModel({ baseModel: "b", lora: { rank: 4, alpha: 8 } }));
    expect(error.message).toContain("lora alpha 8: 127.0.0.1:");
  });

  it("notices when the server forgets the session", async () => {
    const events: ClientEvent[] = [];
    const server = await scriptedServer({
      session_heartbeat: (_, count) => (count === 0 ? { json: {} } : { status: 404 }),
    });
    const client = await ServiceClient.connect({
      url: server.url,
      limits: { heartbeatMs: 5 },
      onEvent: (event) => events.push(event),
    });
    expect(client.sessionState).toBe("live");
    for (let i = 0; i < 200 && client.sessionState === "live"; i++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    client.close();
    expect(events).toEqual([{ type: "session", state: "lost", why: "the server does not know the session" }]);
  });
});
