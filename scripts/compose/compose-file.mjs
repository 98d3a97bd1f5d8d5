/** docker-compose.yml as Docker Compose reads it, as far as this file uses its language: merges, and `${…}` in texts. */
import { parse } from 'yaml';

/** `$$`, `${NAME}`, `${NAME:-default}` and `${NAME:?what to do}`; `:` counts an empty variable as unset. */
const VARIABLE = /\$(?:\$|\{(\w+)(?:(:?[-?])([^}]*))?\})/g;

/**
 * The services by name: `command`, `environment` (texts), `healthcheck` and what else stands there.
 *
 * @throws Error that names every variable without a value that has none to fall back to, and what to do.
 */
export function readServices(text, env) {
  const missing = new Map();
  const { services } = filledIn(parse(text, { merge: true }), (value) => interpolate(value, env, missing));
  if (missing.size > 0) {
    throw new Error([...missing].map(([name, advice]) => `required variable ${name} is missing: ${advice}`).join('\n'));
  }
  return services;
}

/** Names of the variables that have no default and must be set, in order of appearance. */
export function requiredVariables(text) {
  const found = [...text.matchAll(VARIABLE)].filter(([, , operator]) => operator === ':?').map(([, name]) => name);
  return [...new Set(found)];
}

function interpolate(text, env, missing) {
  return text.replace(VARIABLE, (whole, name, operator, rest) => {
    if (name === undefined) return '$';
    const value = env[name];
    if (value !== undefined && (value !== '' || !operator?.startsWith(':'))) return value;
    if (operator?.endsWith('?')) missing.set(name, rest);
    return operator?.endsWith('-') ? rest : '';
  });
}

/** The same tree with another text in place of each text. */
function filledIn(tree, change) {
  if (typeof tree === 'string') return change(tree);
  if (Array.isArray(tree)) return tree.map((item) => filledIn(item, change));
  if (typeof tree !== 'object' || tree === null) return tree;
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [name, filledIn(value, change)]));
}
