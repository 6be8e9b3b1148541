import { defineConfig } from 'vitest/config';

// Three kinds of test by name: x.test.ts needs no real time, x.process.test.ts starts real
// processes from dist/ one file after another, so that two runs never share the two cores of a CI machine, and
// x.docker.test.ts starts containers, one file after another too. Without an engine those are skipped by name.
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
          // Of tests that say they are: two cores carry three runs that measure no time.
          maxConcurrency: 3,
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'docker',
          include: ['{harness,agent,images,scenarios}/**/*.docker.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
