import { Fragment } from "react";

/** Words of the server, in which commands stand in backticks. */
export function Coded({ text }: { text: string }) {
  return text.split(/`([^`\n]+)`/).map((part, index) => {
    const Part = index % 2 === 1 ? "code" : Fragment;
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text have no other name
    return <Part key={index}>{part}</Part>;
  });
}
