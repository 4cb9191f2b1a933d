import { acceptsProtobuf, PROTOBUF, RetrieveFutureRequest, readValue } from "../wire/index.ts";
import type { Reply } from "./exchange.ts";
import { answer } from "./exchange.ts";
import { type Route, route } from "./router.ts";
import type { Service } from "./service.ts";

/**
 * Long polls for the results of accepted requests. A poll is held shorter than the 45 s at which clients give up; a failure is
 * an answer of status 200 with `error`, because clients repeat polls that end with a 5xx status for ever.
 */
export function futureRoutes(service: Service): readonly Route[] {
  return [
    route("POST /api/v1/retrieve_future", async (exchange): Promise<Reply> => {
      const body = await exchange.json();
      const { request_id } = readValue(RetrieveFutureRequest, body, "retrieve_future", "user");
      const outcome = await service.futures.wait(request_id, service.holdMs, exchange.signal);
      if (!outcome) return { status: 408, json: { type: "try_again", request_id, queue_state: "active" } };
      if (!outcome.ok) return answer({ error: outcome.error, category: outcome.category });
      const { json, protobuf } = outcome.value;
      if (protobuf && acceptsProtobuf(exchange.headers.accept))
        return { status: 200, headers: { "content-type": PROTOBUF }, bytes: protobuf() };
      return answer(json());
    }),
  ];
}
