/**
 * What one operation may ask for, checked on the parsed document before validation and execution, over HTTP and socket
 * alike. Fragments count where they are spread; cyclic ones are refused here, so nothing walks them for ever.
 */
import type { DocumentNode, FragmentDefinitionNode, OperationDefinitionNode, SelectionSetNode } from 'graphql';
import { Kind, Lexer, OperationTypeNode, Source, TokenKind } from 'graphql';
import { BadInputError } from '../errors.js';

/** Tokens of a document; the parser stops there, so deep nesting never reaches its recursion. */
export const TOKENS_MAX = 2_000;
/** Brackets of any kind inside each other: checked before parsing, which recurses into them. */
export const NESTING_MAX = 64;
export const FRAGMENTS_MAX = 50;
/** Levels of fields. */
export const DEPTH_MAX = 10;
/** Levels of fields below `__schema` and `__type`, whose own tools ask deeper. */
export const INTROSPECTION_DEPTH_MAX = 20;
export const ALIASES_MAX = 100;
export const FIELDS_MAX = 500;
export const ROOT_FIELDS_MAX = 100;
export const MUTATION_FIELDS_MAX = 10;
export const DIRECTIVES_MAX = 50;

/** At most one of these per operation: each of them tries a password or a token. */
const GUESSING_FIELDS: readonly string[] = ['login', 'refresh', 'changePassword'];

/** What a piece of an operation adds up to, fragments included. */
interface Size {
  readonly depth: number;
  readonly introspectionDepth: number;
  readonly fields: number;
  readonly aliases: number;
  readonly directives: number;
  readonly rootFields: number;
  readonly guesses: number;
}

const NOTHING: Size = {
  depth: 0,
  introspectionDepth: 0,
  fields: 0,
  aliases: 0,
  directives: 0,
  rootFields: 0,
  guesses: 0,
};

const CYCLE = 'cycle';

const OPENING: readonly string[] = [TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L];
const CLOSING: readonly string[] = [TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R];

/**
 * The error of a text whose brackets are nested too deeply to be parsed; null when they are not.
 * @throws GraphQLError when it is not made of tokens
 */
export function brokenNesting(text: string): BadInputError | null {
  const lexer = new Lexer(new Source(text));
  let depth = 0;
  for (let tokens = 0; tokens <= TOKENS_MAX; tokens++) {
    const { kind } = lexer.advance();
    if (kind === TokenKind.EOF) break;
    if (OPENING.includes(kind)) depth++;
    if (CLOSING.includes(kind)) depth--;
    if (depth > NESTING_MAX) {
      return new BadInputError(`The document is nested too deeply: expected at most ${NESTING_MAX} brackets.`);
    }
  }
  return null;
}

/** The first limit that an operation of the document breaks; null when it keeps them all. */
export function brokenLimit(document: DocumentNode): BadInputError | null {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  if (fragments.size > FRAGMENTS_MAX) {
    const found = `expected at most ${FRAGMENTS_MAX}, found ${fragments.size}`;
    return new BadInputError(`The document has too many fragments: ${found}.`);
  }
  const measure = createMeasure(fragments);
  for (const fragment of fragments.values()) {
    const size = measure.fragment(fragment.name.value);
    if (size === CYCLE) return new BadInputError('The document has a fragment that contains itself.');
  }
  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION) continue;
    const broken = brokenBy(measure.operation(node), node);
    if (broken) return new BadInputError(`The operation has ${broken}.`);
  }
  return null;
}

function brokenBy(size: Size, node: OperationDefinitionNode): string | null {
  const isMutation = node.operation === OperationTypeNode.MUTATION;
  const limits: readonly (readonly [string, number, number])[] = [
    ['levels', size.depth, DEPTH_MAX],
    ['levels of introspection', size.introspectionDepth, INTROSPECTION_DEPTH_MAX],
    ['fields', size.fields, FIELDS_MAX],
    ['aliases', size.aliases, ALIASES_MAX],
    ['directives', size.directives, DIRECTIVES_MAX],
    ['root fields', size.rootFields, isMutation ? MUTATION_FIELDS_MAX : ROOT_FIELDS_MAX],
    [`of ${GUESSING_FIELDS.join(', ')}`, isMutation ? size.guesses : 0, 1],
  ];
  const broken = limits.find(([, found, max]) => found > max);
  return broken ? `too many ${broken[0]}: expected at most ${broken[2]}, found ${broken[1]}` : null;
}

function createMeasure(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
  const known = new Map<string, Size | typeof CYCLE>();

  const fragment = (name: string): Size | typeof CYCLE => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const node = fragments.get(name);
    if (!node) return NOTHING;
    known.set(name, CYCLE);
    const size = selectionSet(node.selectionSet);
    const whole = isCyclic(size) ? CYCLE : withDirectives(size, node.directives?.length ?? 0);
    known.set(name, whole);
    return whole;
  };

  /** Depth is Infinity where a cycle is met. */
  const selectionSet = (set: SelectionSetNode): Size => {
    let total = NOTHING;
    for (const node of set.selections) {
      const directives = node.directives?.length ?? 0;
      if (node.kind === Kind.INLINE_FRAGMENT) {
        total = sum(total, withDirectives(selectionSet(node.selectionSet), directives));
      } else if (node.kind === Kind.FRAGMENT_SPREAD) {
        const size = fragment(node.name.value);
        total = sum(total, withDirectives(size === CYCLE ? { ...NOTHING, depth: Infinity } : size, directives));
      } else {
        const below = node.selectionSet ? selectionSet(node.selectionSet) : NOTHING;
        total = sum(total, withDirectives(asField(below, node.name.value, node.alias !== undefined), directives));
      }
    }
    return total;
  };

  return {
    fragment,
    operation: (node: OperationDefinitionNode): Size =>
      withDirectives(selectionSet(node.selectionSet), node.directives?.length ?? 0),
  };
}

const isCyclic = (size: Size): boolean => size.depth === Infinity;

/** A field above what it selects: what was at the root is not any more. */
function asField(below: Size, name: string, hasAlias: boolean): Size {
  const isIntrospection = name === '__schema' || name === '__type';
  const depth = 1 + Math.max(below.depth, isIntrospection ? 0 : below.introspectionDepth);
  return {
    depth: isIntrospection && !isCyclic(below) ? 1 : depth,
    introspectionDepth: isIntrospection ? 1 + below.depth : 0,
    fields: below.fields + 1,
    aliases: below.aliases + (hasAlias ? 1 : 0),
    directives: below.directives,
    rootFields: 1,
    guesses: GUESSING_FIELDS.includes(name) ? 1 : 0,
  };
}

const withDirectives = (size: Size, count: number): Size => ({ ...size, directives: size.directives + count });

const sum = (a: Size, b: Size): Size => ({
  depth: Math.max(a.depth, b.depth),
  introspectionDepth: Math.max(a.introspectionDepth, b.introspectionDepth),
  fields: a.fields + b.fields,
  aliases: a.aliases + b.aliases,
  directives: a.directives + b.directives,
  rootFields: a.rootFields + b.rootFields,
  guesses: a.guesses + b.guesses,
});
