package iam

import (
	"bytes"
	"context"
	"encoding/csv"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var credentialReportOps = wire.Ops(
	wire.Op((*Service).GenerateCredentialReport, anywhere),
	wire.Op((*Service).GetCredentialReport, anywhere),
)

// credentialReport is the latest report of an account.
type credentialReport struct {
	Account   string
	Generated time.Time
	Content   []byte
}

var credentialReports = store.NewTable("iam.credentialreport", func(r *credentialReport) string { return r.Account })

// reportAge is how long a report is good ("Generate credential reports for your AWS account", IAM User Guide).
const reportAge = 4 * time.Hour

// reportColumns are the report's columns ("Understanding the report format", as above).
var reportColumns = []string{
	"user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed",
	"password_next_rotation", "mfa_active",
	"access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date", "access_key_1_last_used_region",
	"access_key_1_last_used_service",
	"access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date", "access_key_2_last_used_region",
	"access_key_2_last_used_service",
	"cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated",
}

const notAvailable = "N/A"

// GenerateCredentialReport makes a report, unless there is one that is still good. It is there when this answers, but says
// STARTED, so that clients do what they do on AWS.
func (s *Service) GenerateCredentialReport(ctx context.Context, _ *iam.GenerateCredentialReportInput) (*iam.GenerateCredentialReportOutput, error) {
	var made credentialReport
	err := s.store.View(ctx, func(tx *store.Tx) error {
		last, ok, err := credentialReports.Get(tx, callerAccount(ctx))
		if err != nil || ok && tx.Now.Sub(last.Generated) <= reportAge {
			return err
		}
		made = credentialReport{Account: callerAccount(ctx), Generated: tx.Now}
		made.Content, err = s.writeReport(ctx, tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	if made.Account == "" {
		return &iam.GenerateCredentialReportOutput{State: types.ReportStateTypeComplete}, nil
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error { return credentialReports.Put(tx, &made) })
	return answer(&iam.GenerateCredentialReportOutput{
		State: types.ReportStateTypeStarted, Description: aws.String("No report exists. Starting a new report generation task"),
	}, err)
}

// GetCredentialReport returns the latest report as CSV.
func (s *Service) GetCredentialReport(ctx context.Context, _ *iam.GetCredentialReportInput) (*iam.GetCredentialReportOutput, error) {
	out := &iam.GetCredentialReportOutput{ReportFormat: types.ReportFormatTypeTextCsv}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		r, ok, err := credentialReports.Get(tx, callerAccount(ctx))
		switch {
		case err != nil:
			return err
		case !ok:
			return awserr.CredentialReportNotPresent.Errorf("No report exists. Generate a credential report first.")
		case tx.Now.Sub(r.Generated) > reportAge:
			return awserr.CredentialReportExpired.Errorf("The credential report has expired. Generate a new one.")
		}
		out.Content, out.GeneratedTime = r.Content, aws.Time(r.Generated)
		return nil
	})
	return answer(out, err)
}

// writeReport writes the root user and all users of the caller's account.
func (s *Service) writeReport(ctx context.Context, tx *store.Tx) ([]byte, error) {
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	w.Write(reportColumns)
	account := callerAccount(ctx)
	root, err := s.rootReport(ctx, tx)
	if err != nil {
		return nil, err
	}
	w.Write(root)
	rules, err := passwordRules(tx, account)
	if err != nil {
		return nil, err
	}
	for u, err := range users.Scan(tx, store.Key(account), "") {
		if err != nil {
			return nil, err
		}
		line, err := s.userReport(tx, &u, &rules)
		if err != nil {
			return nil, err
		}
		w.Write(line)
	}
	w.Flush()
	return text.Bytes(), w.Error()
}

func (s *Service) rootReport(ctx context.Context, tx *store.Tx) ([]string, error) {
	const notSupported = "not_supported"
	a, err := ownAccount(ctx, tx)
	if err != nil {
		return nil, err
	}
	used, err := s.passwordUse(tx, a.ID)
	if err != nil {
		return nil, err
	}
	line := []string{"<root_account>", rootARN(a.ID), reportTime(a.Created), notSupported, used, notSupported, notSupported}
	return s.credentialReport(tx, line, a.ID)
}

func (s *Service) userReport(tx *store.Tx, u *user, rules *passwordPolicy) ([]string, error) {
	line := []string{u.Name, u.arn(), reportTime(u.Created)}
	if u.Login == nil {
		line = append(line, "false", notAvailable, notAvailable, notAvailable)
		return s.credentialReport(tx, line, u.ID)
	}
	used, err := s.passwordUse(tx, u.ID)
	if err != nil {
		return nil, err
	}
	rotation := notAvailable
	if end, expires := rules.expiry(u.Login); expires {
		rotation = reportTime(end)
	}
	return s.credentialReport(tx, append(line, "true", used, reportTime(u.Login.Changed), rotation), u.ID)
}

// credentialReport adds the columns on MFA devices, access keys and certificates.
func (s *Service) credentialReport(tx *store.Tx, line []string, userID string) ([]string, error) {
	_, mfa, err := first(mfaDevices.ByIndex(tx, "owner", userID))
	if err != nil {
		return nil, err
	}
	line = append(line, strconv.FormatBool(mfa))
	keys, err := collect(accessKeys.ByIndex(tx, "user", userID))
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(keys, func(a, b accessKey) int { return a.Created.Compare(b.Created) })
	for i := range maxAccessKeys {
		if i >= len(keys) {
			line = append(line, "false", notAvailable, notAvailable, notAvailable, notAvailable)
			continue
		}
		line = append(line, strconv.FormatBool(keys[i].Active), reportTime(keys[i].Created))
		use, ok, err := s.uses.get(tx, keys[i].ID)
		if err != nil {
			return nil, err
		}
		if ok {
			line = append(line, reportTime(use.At), use.Region, use.Service)
		} else {
			line = append(line, notAvailable, notAvailable, notAvailable)
		}
	}
	certificates, err := collect(signingCertificates.Scan(tx, store.Key(userID), ""))
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(certificates, func(a, b signingCertificate) int { return a.Uploaded.Compare(b.Uploaded) })
	for i := range maxSigningCertificates {
		if i >= len(certificates) {
			line = append(line, "false", notAvailable)
			continue
		}
		line = append(line, strconv.FormatBool(certificates[i].Active), reportTime(certificates[i].Uploaded))
	}
	return line, nil
}

func reportTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05+00:00") }

// passwordUse says when a password was last used, by the unique id of its user or the account's id.
func (s *Service) passwordUse(tx *store.Tx, id string) (string, error) {
	use, ok, err := s.uses.get(tx, id)
	if err != nil || !ok {
		return "no_information", err
	}
	return reportTime(use.At), nil
}
