// @vitest-environment happy-dom
import { expect, it, vi } from "vitest";
import { api } from "@/lib/api";
import { ApiError } from "@/lib/problem";

const answer = (status: number, body: unknown, type = "application/json") =>
  new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers: { "Content-Type": type } });

function answering(...answers: Response[]) {
  const requests: Request[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    requests.push(request);
    return answers.shift();
  });
  return requests;
}

const problemOf = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ApiError);
  return (error as ApiError).problem;
};

it("sends the token of the last answer with what changes something, and with nothing else", async () => {
  const me = { user: null, teams: [], csrf_token: "token-2" };
  const requests = answering(answer(200, me), answer(200, me), answer(201, {}));
  await api.me();
  await api.me();
  await api.startRun("SAH-1", "c1");
  expect(requests.map((request) => request.headers.get("X-CSRFToken"))).toEqual([null, null, "token-2"]);
});

it("sends the key of the draft, so that a report is filed once", async () => {
  const requests = answering(answer(201, { key: "SAH-1" }));
  await api.createIssue({ title: "t", body: "b" }, "draft-1");
  expect(requests[0]?.headers.get("Idempotency-Key")).toBe("draft-1");
});

it("reads the server's problem details", async () => {
  const told = {
    status: 400,
    code: "invalid_report",
    detail: "The report is empty.",
    next_step: "Say what happens.",
    field: "body",
  };
  answering(answer(400, told, "application/problem+json"));
  expect(await problemOf(api.createIssue({ title: "", body: "" }, "draft-1"))).toMatchObject(told);
});

it("makes sense of a proxy's error page", async () => {
  answering(answer(502, "<h1>Bad gateway</h1>", "text/html"));
  expect(await problemOf(api.issue("SAH-1"))).toMatchObject({ status: 502, detail: "The server answered with status 502." });
});

it("says when the server was not reached at all", async () => {
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("Failed to fetch");
  });
  expect(await problemOf(api.issue("SAH-1"))).toMatchObject({ status: 0, code: "unreachable" });
});
