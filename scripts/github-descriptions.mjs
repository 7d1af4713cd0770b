// Cuts the answers that the fake GitHub gives out of GitHub's OpenAPI description and writes them as JSON Schema.
import { readFileSync, writeFileSync } from 'node:fs'

const repo = '/repos/{owner}/{repo}'
const wanted = {
  '/app': ['get'],
  '/app/hook/config': ['get'],
  '/app/hook/deliveries': ['get'],
  '/app/hook/deliveries/{delivery_id}/attempts': ['post'],
  '/app/installations/{installation_id}/access_tokens': ['post'],
  '/installation/repositories': ['get'],
  '/rate_limit': ['get'],
  '/search/issues': ['get'],
  '/user': ['get'],
  '/user/repos': ['get'],
  [repo]: ['get'],
  [repo + '/hooks']: ['get'],
  [repo + '/hooks/{hook_id}/deliveries']: ['get'],
  [repo + '/hooks/{hook_id}/deliveries/{delivery_id}/attempts']: ['post'],
  [repo + '/issues']: ['get'],
  [repo + '/issues/{issue_number}']: ['get'],
  [repo + '/issues/{issue_number}/comments']: ['get', 'post'],
  [repo + '/issues/{issue_number}/timeline']: ['get'],
  [repo + '/issues/comments/{comment_id}']: ['patch', 'delete'],
}

const [from, to] = process.argv.slice(2)
const all = JSON.parse(readFileSync(from, 'utf8'))

// Words for people, and what only describes questions.
const dropped = new Set(['description', 'summary', 'title', 'example', 'examples', 'externalDocs', 'discriminator', 'deprecated', 'readOnly', 'default'])
const used = []

// schema makes a JSON Schema of an OpenAPI 3.0 schema.
function schema(s) {
  if (Array.isArray(s)) return s.map(schema)
  if (s === null || typeof s !== 'object') return s
  if (s.$ref) {
    const name = s.$ref.split('/').pop()
    used.push(name)
    return { $ref: '#/$defs/' + name }
  }
  const out = {}
  for (const [key, value] of Object.entries(s)) {
    if (key === 'properties') {
      out.properties = Object.fromEntries(Object.entries(value).map(([name, p]) => [name, schema(p)]))
    } else if (key !== 'nullable' && !dropped.has(key) && !key.startsWith('x-')) {
      out[key] = schema(value)
    }
  }
  if (!s.nullable) return out
  if (out.type && !out.anyOf && !out.oneOf && !out.allOf) {
    out.type = [out.type, 'null']
    if (out.enum && !out.enum.includes(null)) out.enum = [...out.enum, null]
    return out
  }
  return { anyOf: [out, { type: 'null' }] }
}

const answers = {}
for (const [path, methods] of Object.entries(wanted)) {
  for (const method of methods) {
    for (const [status, response] of Object.entries(all.paths[path][method].responses)) {
      if (!status.startsWith('2')) continue
      const body = response.content?.['application/json']?.schema
      answers[`${method.toUpperCase()} ${path} ${status}`] = body ? schema(body) : {}
    }
  }
}
const defs = {}
while (used.length > 0) {
  const name = used.pop()
  defs[name] ??= schema(all.components.schemas[name])
}

const sorted = (v) => {
  if (Array.isArray(v) || v === null || typeof v !== 'object') return Array.isArray(v) ? v.map(sorted) : v
  return Object.fromEntries(Object.keys(v).sort().map((k) => [k, sorted(v[k])]))
}
const origin = `@octokit/openapi ${all.info.version}, ${all.info.license.name}`
writeFileSync(to, JSON.stringify({ $comment: origin, properties: sorted(answers), $defs: sorted(defs) }, null, 1) + '\n')
