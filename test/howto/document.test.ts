import { expect, it } from 'vitest';
import { isShown, sectionsOf } from './document.ts';

const document = `# Title

\`\`\`sh
start
\`\`\`

## First

\`\`\`sh
change
and again
\`\`\`

Some words.

\`\`\`sh
look
\`\`\`

\`\`\`text
seen
\`\`\`

\`\`\`json
{}
\`\`\`
`;

it('finds what is typed in each section, and what is seen then', () => {
  expect(sectionsOf(document)).toEqual([
    { title: '', steps: [{ commands: 'start\n', shows: null }] },
    {
      title: 'First',
      steps: [
        { commands: 'change\nand again\n', shows: null },
        { commands: 'look\n', shows: 'seen\n' },
      ],
    },
  ]);
});

it.each([
  ['a\nb', 'a  \nb\n\n', true],
  ['a (b)*', 'a (b)*', true],
  ['a', 'a\nb', false],
  ['b', 'a\nb', false],
  ['a…c', 'abc', true],
  ['a…c', 'a\nc', false],
  ['a\n…', 'a', true],
  ['…\nc', 'a\nb\nc', true],
  ['a\n…\nc', 'ab\nc', false],
  ['a.c', 'abc', false],
])('asked whether %j is shown by %j, says %j', (shown, output, answer) => {
  expect(isShown(shown, output)).toBe(answer);
});
