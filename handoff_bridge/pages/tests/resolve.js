/** Lets a test import what the pages import: `/shared/…` is a path of the bridge, here a folder beside us. */
import { register } from "node:module";

const pages = new URL("../", import.meta.url).href;
const hook = `export const resolve = (specifier, context, next) =>
  next(/^\\/(shared|vendor)\\//.test(specifier) ? ${JSON.stringify(pages)} + specifier.slice(1) : specifier, context);`;

register(`data:text/javascript,${encodeURIComponent(hook)}`);
