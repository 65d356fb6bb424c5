package iam

import (
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/store"
)

// status shows whether a key or certificate is active.
func status(active bool) types.StatusType {
	if active {
		return types.StatusTypeActive
	}
	return types.StatusTypeInactive
}

// activates returns what a request sets the status of a key or certificate to.
func activates(s types.StatusType) (bool, error) {
	if s == types.StatusTypeExpired { // which is AWS's to set
		return false, awserr.InvalidInput.Errorf("Status %s is not valid.", s)
	}
	return s == types.StatusTypeActive, nil
}

// mayDeleteHolder refuses while a user holds MFA devices, certificates, SSH keys or service-specific credentials.
func mayDeleteHolder(tx *store.Tx, account, userID string) error {
	if _, has, err := first(mfaDevices.ByIndex(tx, "owner", userID)); err != nil {
		return err
	} else if has {
		return awserr.DeleteConflict.Errorf("Cannot delete entity, must delete MFA device first.")
	}
	if _, has, err := first(signingCertificates.Scan(tx, store.Key(userID), "")); err != nil {
		return err
	} else if has {
		return awserr.DeleteConflict.Errorf("Cannot delete entity, must delete signing certificates first.")
	}
	_, hasSSH, err := first(sshKeys.Scan(tx, store.Key(userID), ""))
	if err != nil {
		return err
	}
	_, hasCredential, err := first(serviceCredentials.Scan(tx, store.Key(account, userID), ""))
	if err == nil && (hasSSH || hasCredential) {
		err = awserr.DeleteConflict.Errorf("Cannot delete entity, must remove referenced objects first.")
	}
	return err
}
