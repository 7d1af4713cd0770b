// Package localpg finds the PostgreSQL programs of this machine and runs a private server with them.
//
// The server listens on one Unix socket and on no network port, so only the account that runs it, and root,
// can reach it. Everything it owns lies in one folder, [Config.DataDir]:
//
//	lock            held (flock) by the process that runs the server; the kernel lets go of it when that process dies
//	pgdata/         the cluster; it appears by one rename once initdb has finished, so it is whole or absent
//	pgdata.init-*   an initdb that was cut short; removed by the next start
//	socket/         the socket, unless the path is too long or too odd for one
//	socket.path     where the socket is instead
//	postgres.log    what PostgreSQL said
//
// A start goes one way, and each step repairs what a crash at any point may have left:
//
//	choose the account → find the programs → take the lock → stop what still runs on the folder
//	  → make the cluster if there is none → mend ownership → start → wait until it says "ready"
//
// PostgreSQL refuses to run as root. When this process is root, the server runs as the owner of the cluster,
// and a new cluster belongs to "postgres", or to "nobody" where there is no such account.
//
// On Linux the server is told to stop when this process dies, even by SIGKILL. Elsewhere the next start stops it.
package localpg
