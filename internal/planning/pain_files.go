package planning

import (
	"context"
	"io"
	"strings"

	"github.com/needle-okr/needle/internal/needle"
	"github.com/needle-okr/needle/internal/planning/painfile"
)

// ImportPainPoints captures and changes pain points from the text of a file; see ImportPainFile.
func (p *Planner) ImportPainPoints(ctx context.Context, in needle.ImportPainPointsInput) (*needle.PainImport, error) {
	how := needle.PainFile{Format: in.Format, Mapping: in.Mapping, DryRun: or(in.DryRun, true)}
	return p.importFile(ctx, in, strings.NewReader(in.Content), how)
}

// ImportPainFile captures and changes pain points from a file of at most painfile.MaxBytes, all of them or none. Its
// Errors are those of all lines at once, and name the line and the column as LineError does.
func (p *Planner) ImportPainFile(ctx context.Context, r io.Reader, how needle.PainFile) (*needle.PainImport, error) {
	return p.importFile(ctx, nil, r, how)
}

func (p *Planner) importFile(ctx context.Context, in valid, r io.Reader, how needle.PainFile) (*needle.PainImport, error) {
	f := &fileToImport{in: in, r: r, how: how}
	var out *needle.PainImport
	err := p.change(ctx, needle.ActImportPain, f, func(ctx context.Context, a act) error {
		u, err := a.compare(ctx, f.file.PainPoints)
		if err != nil {
			return err
		}
		u.blame(f.file)
		if problems := f.file.Problems(); len(problems) > 0 {
			return problems
		}
		out, err = u.write(ctx, how.DryRun)
		return err
	})
	if out != nil {
		for _, imported := range out.PainPoints {
			imported.Line = f.file.FirstLine(imported.Index)
		}
	}
	return rehearsed(out, err)
}

// blame tells what is wrong with pain points by the lines of the file that they came from.
func (u *upserts) blame(f *painfile.File) {
	for _, p := range u.problems {
		f.About(p.index, p.err)
	}
}

// fileToImport is a file that is read once it is known that its sender may import, and before the database is asked
// anything.
type fileToImport struct {
	in   valid
	r    io.Reader
	how  needle.PainFile
	file *painfile.File
}

// Validate reads the file. What is wrong with its lines is told later, together with what the database knows of them.
func (f *fileToImport) Validate() (err error) {
	if f.in != nil {
		if err := f.in.Validate(); err != nil {
			return err
		}
	}
	f.file, err = painfile.Read(f.r, f.how)
	return err
}
