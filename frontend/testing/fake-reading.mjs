/** What one person keeps for reading: marks of seen issues, and saved views. */
import { randomUUID } from "node:crypto";

const marks = new Map();
export const seenAt = (key) => marks.get(key) ?? "1970-01-01T00:00:00Z";

export function markSeen({ keys, is_seen = true }) {
  for (const key of keys) is_seen ? marks.set(key, new Date().toISOString()) : marks.delete(key);
  return { results: keys.map((key) => ({ key, seen_at: seenAt(key) })) };
}

const views = new Map();

function saveView(id, change) {
  const view = { id, created_at: new Date().toISOString(), ...views.get(id), ...change };
  views.set(id, view);
  return view;
}

export const VIEW_ROUTES = [
  ["GET", /^\/api\/views\/$/, () => ({ results: [...views.values()] })],
  ["POST", /^\/api\/views\/$/, (_, { body }) => [201, saveView(randomUUID(), body)]],
  ["PATCH", /^\/api\/views\/([\w-]+)\/$/, ([id], { body }) => saveView(id, body)],
  ["DELETE", /^\/api\/views\/([\w-]+)\/$/, ([id]) => [204, views.delete(id) && null]],
];
