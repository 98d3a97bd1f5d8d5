import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import * as limits from './operation-limits.js';
import { brokenLimit } from './operation-limits.js';

const times = (count: number, make: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => make(i)).join(' ');
const nested = (levels: number): string => `${'a{'.repeat(levels - 1)}a${'}'.repeat(levels - 1)}`;

const operation = {
  'levels at the limit': `{${nested(limits.DEPTH_MAX)}}`,
  'levels inside introspection': `{__schema{${nested(limits.INTROSPECTION_DEPTH_MAX - 1)}}}`,
  'fields at the limit': `{${times(50, (i) => `r${i}{${times(9, () => 'x')}}`)}}`,
  'aliases at the limit': `{${times(limits.ALIASES_MAX, (i) => `a${i}: me`)}}`,
  'directives at the limit': `{a ${times(limits.DIRECTIVES_MAX, () => '@include(if: true)')}}`,
  'one login': 'mutation{login(username:"a",password:"b"){accessToken}}',
  'several operations, each within the limits': times(5, (i) => `query Q${i} {${times(90, (j) => `a${j}: me`)}}`),
};

const broken: Record<string, [string, RegExp]> = {
  levels: [`{${nested(limits.DEPTH_MAX + 1)}}`, /levels/],
  'levels through fragments': [`{a{...F}} fragment F on T {${nested(limits.DEPTH_MAX)}}`, /levels/],
  'levels through inline fragments': [`{...{...{${nested(limits.DEPTH_MAX + 1)}}}}`, /levels/],
  'levels of introspection': [`{__schema{${nested(limits.INTROSPECTION_DEPTH_MAX)}}}`, /introspection/],
  fields: [`{r{${times(limits.FIELDS_MAX, () => 'x')}}}`, /fields/],
  'fields multiplied by fragments': [
    `{a{...F0}} ${times(12, (i) => `fragment F${i} on T {...F${i + 1} ...F${i + 1}}`)} fragment F12 on T {x}`,
    /fields/,
  ],
  aliases: [`{${times(limits.ALIASES_MAX + 1, (i) => `a${i}: me`)}}`, /aliases|root fields/],
  'nested aliases': [`{r{${times(limits.ALIASES_MAX + 1, (i) => `a${i}: x`)}}}`, /aliases/],
  directives: [`{a ${times(limits.DIRECTIVES_MAX + 1, () => '@x')}}`, /directives/],
  'root fields': [`{${times(limits.ROOT_FIELDS_MAX + 1, () => 'me')}}`, /root fields/],
  'root fields of a mutation': [`mutation{${times(limits.MUTATION_FIELDS_MAX + 1, () => 'logout')}}`, /root fields/],
  'two logins': ['mutation{a:login{x} b:login{x}}', /login/],
  'a login and a refresh': ['mutation{login{x} refresh{x}}', /login/],
  'two logins through a fragment': ['mutation{...F ...F} fragment F on Mutation{login{x}}', /login/],
  fragments: [`{a} ${times(limits.FRAGMENTS_MAX + 1, (i) => `fragment F${i} on T{x}`)}`, /fragments/],
  'a fragment cycle': ['{...A} fragment A on T{...B} fragment B on T{...A}', /contains itself/],
  'an unused fragment cycle': ['{a} fragment A on T{b{...A}}', /contains itself/],
  'a second operation': [`query A{a} query B{${nested(limits.DEPTH_MAX + 1)}}`, /levels/],
};

describe('limits of an operation', () => {
  it.each(Object.entries(operation))('allows %s', (_name, text) => expect(brokenLimit(parse(text))).toBeNull());

  it.each(Object.entries(broken))('refuse too many %s', (_name, [text, words]) =>
    expect(brokenLimit(parse(text))?.message).toMatch(words),
  );
});
