import { defineConfig } from 'vitest/config';

// Three kinds of test by name (STYLE section 9): x.test.ts needs no real time, x.process.test.ts starts real
// processes from dist/ one file after another, so that two runs never share the two cores of a CI machine.
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{harness,agent,bench,images,scenarios}/**/*.test.ts'],
          exclude: ['**/*.process.test.ts', '**/*.docker.test.ts', '**/node_modules/**', '**/dist/**'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'process',
          include: ['{harness,agent,scenarios}/**/*.process.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
