/**
 * Every request that the pages make, one function per endpoint, one file per resource. Settings, which few pages need,
 * are imported from their own files, so that the others do not carry them.
 */
import { auth } from "./auth";
import { issues } from "./issues";
import { receipts } from "./receipts";
import { repositories } from "./repositories";
import { runs } from "./runs";
import { teams } from "./teams";

export const api = { ...auth, ...issues, ...runs, ...receipts, ...teams, ...repositories };
