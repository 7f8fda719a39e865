/** What is done in Slack, one thing each, as the server calls it without its `slack.`. */
const NAMES: Record<string, string> = {
  answer: "Answer",
  answer_part: "Part of the answer",
  away: "Word to the reporter alone",
  card: "Card",
  card_update: "Change of the card",
  cause: "Word what the real cause was",
  cause_update: "Change of what the real cause was",
  channel: "Question what a channel is",
  event: "Event",
  flood: "Word that too many alerts came",
  hint: "Word to one person",
  input: "Question",
  input_update: "Change of the question",
  join: "Joining of a report",
  linked: "Word to whom an account is linked",
  names: "Naming of what somebody said",
  person: "Question who somebody is",
  reaction: "Mark under a message",
  report: "Reading of the thread",
  root: "First message of the thread",
  rotate: "Exchange of tokens",
  unclaimed: "Word that nothing works yet",
  word: "Word to one person",
};

export const slackEffect = (kind: string): string => NAMES[kind.replace(/^slack\./, "")] ?? kind.replaceAll(/[._]/g, " ");
