/* global React, ReactDOM, GraphiQL */
// The page at `/`: GraphiQL, and above it who is asking. Runs in the browser as it is; nothing compiles it.
const { people, tabs } = JSON.parse(document.getElementById('data').textContent)
const socketUrl = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`
const graphiql = ReactDOM.createRoot(document.getElementById('graphiql'))

/** A token that was typed in lives as long as the tab. */
const stored = {
  get: () => sessionStorage.getItem('token') ?? '',
  set: token => sessionStorage.setItem('token', token),
}

function show(token) {
  const headers = token ? { authorization: `Bearer ${token}` } : {}
  const fetcher = GraphiQL.createFetcher({
    url: '/graphql',
    headers,
    subscriptionUrl: socketUrl,
    wsConnectionParams: headers,
  })
  const props = { fetcher, defaultTabs: tabs.length ? tabs : undefined, shouldPersistHeaders: false }
  // A new key: the schema is read again, by whoever asks now.
  graphiql.render(React.createElement(GraphiQL, { key: token, ...props }))
}

function choice() {
  const select = document.createElement('select')
  const options = people.map(({ id, name, role }) => new Option(`${role} · ${name}`, id))
  select.append(...options, new Option('nobody (no token)', ''))
  const remembered = sessionStorage.getItem('person')
  if (remembered !== null && [...select.options].some(option => option.value === remembered))
    select.value = remembered
  const apply = () => {
    sessionStorage.setItem('person', select.value)
    show(people.find(({ id }) => id === select.value)?.token ?? '')
  }
  select.addEventListener('change', apply)
  apply()
  return ['You are', select]
}

function tokenField() {
  const input = document.createElement('input')
  input.type = 'password'
  input.placeholder = 'token'
  input.autocomplete = 'off'
  input.value = stored.get()
  const apply = () => {
    stored.set(input.value.trim())
    show(input.value.trim())
  }
  input.addEventListener('change', apply)
  apply()
  return ['Bearer token', input]
}

const [caption, control] = people.length ? choice() : tokenField()
const title = document.createElement('strong')
title.textContent = 'Opsgraph'
const label = document.createElement('label')
label.append(`${caption} `, control)
document.getElementById('bar').append(title, label)
