// What may import what: a layer imports what stands to its right (cli → run → engine → parts → model → core),
// parts are peers, agent/ stands alone, shipped code does not import testing/, nothing forms a cycle.

const PARTS = '^harness/(scenario|load|app|driver|agents|sink|fault|probe|ledger|checker|report|plugin)/';
const AGENT_PARTS = '^agent/(input|process|buffer|codec|delivery|output|observe|config|real)/';
const TESTS = '\\.(process\\.|docker\\.)?test\\.ts$|/testing/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'core-is-a-leaf',
      severity: 'error',
      from: { path: '^harness/core/', pathNot: TESTS },
      to: { path: '^(harness/(?!core/)|agent/)' },
    },
    {
      name: 'model-imports-core-only',
      severity: 'error',
      from: { path: '^harness/model/', pathNot: TESTS },
      to: { path: '^(harness/(?!core/|model/)|agent/)' },
    },
    {
      name: 'parts-are-peers',
      comment:
        'Apps write lines in shapes and by plans of load/; plugin/ and scenario/ share the rules of the text forms.',
      severity: 'error',
      from: { path: PARTS, pathNot: TESTS },
      to: {
        path: PARTS,
        pathNot: ['^harness/$1/', '^harness/load/(shape/|plan\\.ts|rate\\.ts)', '^harness/scenario/'],
      },
    },
    {
      name: 'parts-do-not-look-up',
      severity: 'error',
      from: { path: PARTS, pathNot: TESTS },
      to: { path: '^harness/(engine|run|cli)/' },
    },
    {
      name: 'only-app-uses-load',
      severity: 'error',
      from: { path: PARTS, pathNot: ['^harness/(app|load)/', TESTS] },
      to: { path: '^harness/load/' },
    },
    {
      name: 'only-plugin-uses-scenario',
      severity: 'error',
      from: { path: PARTS, pathNot: ['^harness/(plugin|scenario)/', TESTS] },
      to: { path: '^harness/scenario/' },
    },
    {
      name: 'engine-does-not-look-up',
      severity: 'error',
      from: { path: '^harness/engine/', pathNot: TESTS },
      to: { path: '^harness/(run|cli)/' },
    },
    {
      name: 'run-does-not-look-up',
      severity: 'error',
      from: { path: '^harness/run/', pathNot: TESTS },
      to: { path: '^harness/cli/' },
    },
    { name: 'agent-stands-alone', severity: 'error', from: { path: '^agent/' }, to: { path: '^harness/' } },
    {
      name: 'agent-parts-are-peers',
      comment: 'main → index → pipeline → parts → ports; codec/ and observe/ are the leaves that every part may use.',
      severity: 'error',
      from: { path: AGENT_PARTS, pathNot: TESTS },
      to: { path: AGENT_PARTS, pathNot: ['^agent/$1/', '^agent/(codec|observe)/'] },
    },
    {
      name: 'agent-leaves-are-leaves',
      severity: 'error',
      from: { path: '^agent/(codec|observe)/', pathNot: TESTS },
      to: { path: '^agent/(input|process|buffer|delivery|output|config|real)/' },
    },
    {
      name: 'agent-parts-do-not-look-up',
      severity: 'error',
      from: { path: AGENT_PARTS, pathNot: TESTS },
      to: { path: '^agent/(main|index|pipeline)\\.ts$' },
    },
    {
      name: 'agent-is-known-in-two-places',
      severity: 'error',
      from: { path: '^harness/', pathNot: ['^harness/engine/sim/', '^harness/agents/larsen-agent\\.ts$', TESTS] },
      to: { path: '^agent/' },
    },
    {
      name: 'testing-is-for-tests',
      severity: 'error',
      from: { path: '^(harness|agent)/', pathNot: TESTS },
      to: { path: '/testing/' },
    },
    {
      name: 'images-stand-alone',
      comment: 'What makes the images knows the leaves of the harness only.',
      severity: 'error',
      from: { path: '^images/', pathNot: TESTS },
      to: { path: '^(harness/(?!core/)|agent/)' },
    },
    { name: 'not-resolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.mjs', '.json'] },
  },
};
