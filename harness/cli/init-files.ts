// The files that `larsen init` writes, by their path. They are valid as they stand; a test loads them.

const CONFIG = `# What \`larsen\` knows in this folder beside its own.
scenarios: [ ./larsen/scenarios ]
agents: [ ./larsen/agents ]
# plugins: [ ./larsen/my-plugin.mjs ]
# accept: [ { finding: parity/lost, until: 2027-01-31, why: known and on the list } ]
`;

const AGENT = `# The log agent under test. This one is larsen's own; to test yours, use \`agent: custom\` and the lines below it.
agent: larsen-agent
# agent: custom
# config: ./fluent.conf                # {forward} and {sink} in it stand for where to listen and where to push
# process:
#   command: [ fluentd, -c, "{config}" ]
#   readyWithin: 10s
#   drainWithin: 15s

# How Docker hands lines to it, as in your daemon.json.
driver: { name: fluentd, docker: "20.10", address: unix, async: true }

# Where its own stdout and stderr go. \`driver: fluentd\` sends them back into itself: the naive way.
self: { driver: json-file }
`;

const SCENARIO = `title: A short spike of requests behind a reverse proxy
severity: major
agent: my-agent
topology:
  apps:
    web: { type: traefik, backend: media, shape: traefik-json }
    media: { type: peertube }
    quiet: { type: emitter }
load:
  - to: web
    kind: http
    path: /static/{id}
    until: 15s
    rate:
      - { at: 0s, perSecond: 20 }
      - { at: 5s, perSecond: 200 }
      - { at: 10s, perSecond: 20 }
  - { to: quiet, kind: lines, until: 15s, rate: [ { at: 0s, perSecond: 1 } ] }
faults:
  - { at: 5s, for: 3s, fault: sink-status, status: 500 }
expect:
  parity: { lostMax: 0 }
profiles:
  quick:
    load:
      - { to: web, kind: http, path: "/static/{id}", until: 8s, rate: [ { at: 0s, perSecond: 20 }, { at: 2s, perSecond: 200 } ] }
      - { to: quiet, kind: lines, until: 8s, rate: [ { at: 0s, perSecond: 1 } ] }
    faults:
      - { at: 2s, for: 3s, fault: sink-status, status: 500 }
  soak:
    load:
      - { to: web, kind: http, path: "/static/{id}", until: 10m, rate: [ { at: 0s, perSecond: 50 } ] }
`;

const WORKFLOW = `# Tests the log agent's config on each change of it, before it is rolled out.
name: larsen
on:
  push: { branches: [ main ] }
  pull_request:
    paths: [ "larsen/**", "larsen.config.yaml", "**/*fluent*", "**/*vector*", "**/*otel*", "**/compose*.y*ml", "**/daemon.json" ]
jobs:
  larsen:
    runs-on: ubuntu-latest
    timeout-minutes: 20
    env:
      # Where larsen comes from when package.json does not have it: a git address, a tarball, or a name with its exact version.
      LARSEN_PACKAGE: \${{ vars.LARSEN_PACKAGE }}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 22 }
      # Install your agent here, so that its program is on the PATH.
      - name: Install larsen
        run: |
          if [ -f package-lock.json ] && grep -q '"larsen"' package.json; then npm ci --no-audit --no-fund; fi
          if [ ! -e node_modules/.bin/larsen ]; then
            case "$LARSEN_PACKAGE" in
              git*:* | http*:* | file:* | [!@]*/* | *.tgz | *@[0-9]*.*.*) npm install --prefix . --no-save --no-audit --no-fund "$LARSEN_PACKAGE" ;;
              *)
                echo "::error::larsen is no dependency of package.json, and LARSEN_PACKAGE is '$LARSEN_PACKAGE'. Add it as a dependency, or set the variable LARSEN_PACKAGE to a git address, a tarball or NAME@VERSION."
                exit 1
                ;;
            esac
          fi
      - run: npx --no-install larsen validate
      - run: npx --no-install larsen run first-spike refused-batch --agent my-agent --out larsen-report
      - run: npx --no-install larsen report larsen-report --print markdown >> "$GITHUB_STEP_SUMMARY"
        if: always()
      - uses: actions/upload-artifact@v4
        if: always()
        with: { name: larsen-report, path: larsen-report }
`;

/** Path in the current folder → text. */
export const INIT_FILES: Readonly<Record<string, string>> = {
  'larsen.config.yaml': CONFIG,
  'larsen/agents/my-agent.yaml': AGENT,
  'larsen/scenarios/first-spike.yaml': SCENARIO,
  '.github/workflows/larsen.yml': WORKFLOW,
};
