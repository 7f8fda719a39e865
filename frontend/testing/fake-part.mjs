/** Taking part, as the server answers it: what waits is used now, feedback, and the models that may be chosen. */

/** Of one run, kept on the run itself. */
const feedbackOf = (run, step) => {
  const opinions = [...(run.opinions?.values() ?? [])].filter((opinion) => opinion.step === step);
  const count = (vote) => opinions.filter((opinion) => opinion.vote === vote).length;
  return { step, up: count(1), down: count(-1), opinions: opinions.map(({ step: _, ...told }) => told) };
};

export const allFeedback = (run) => {
  const steps = new Set([...(run.opinions?.values() ?? [])].map(({ step }) => step));
  return [...steps].map((step) => feedbackOf(run, step));
};

function vote(run, author, { step = "", vote: value, comment = "" }) {
  run.opinions ??= new Map();
  const changed_at = new Date().toISOString();
  run.opinions.set(step, { step, author, vote: value, comment, source: "web", changed_at, is_mine: true });
  return feedbackOf(run, step);
}

function unvote(run, step) {
  run.opinions?.delete(step);
  return feedbackOf(run, step);
}

function makeUrgent(run, id, author) {
  const message = [...run.messages.values()].find((known) => known.id === id);
  if (!message.isTakenIn && !message.isUrgent) {
    message.isUrgent = true;
    run.append({ kind: "message.made_urgent", message_id: id, asked_by: author }, 0);
  }
  return { ...message, is_urgent: message.isUrgent, status: message.isTakenIn ? "taken_in" : "queued" };
}

const MODELS = [
  { name: "fake:deep", is_default: true, rest: null },
  { name: "fake:other", is_default: false, rest: null },
];

export const partRoutes = (findRun, name) => [
  ["GET", /^\/api\/models\/choices\/$/, () => ({ results: MODELS })],
  ["PUT", /^\/api\/runs\/([\w-]+)\/feedback\/$/, ([id], { body }) => vote(findRun(id), name, body)],
  ["DELETE", /^\/api\/runs\/([\w-]+)\/feedback\/$/, ([id], { query }) => unvote(findRun(id), query.get("step") ?? "")],
  ["POST", /^\/api\/runs\/([\w-]+)\/messages\/([\w-]+)\/urgent\/$/, ([id, message]) => makeUrgent(findRun(id), message, name)],
];
